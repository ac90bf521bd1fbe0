import { setTimeout as pause } from 'node:timers/promises'
import type { ApiRequests } from '../apiserver/apiRequests.ts'

const line =
  /^apiserver_request_total\{.*group="gatehouse\.dev".*resource="(?:gatewayroutes|accesspolicies)".*subresource="status".*verb="(?:PUT|PATCH|APPLY)".*\} ([\d.e+]+)$/gm

/** Milliseconds; longer than the controller waits for data planes before it says that they lag. */
const rest = 2_500

/** {@link statusWrites} once nothing has been written for a while: what belongs to a stage must not count for the next. */
export async function settledStatusWrites(api: ApiRequests): Promise<number> {
  for (;;) {
    const before = await statusWrites(api)
    await pause(rest)
    if ((await statusWrites(api)) === before) return before
  }
}

/** How often statuses of routes and policies have been written, as the API server counts it. */
async function statusWrites(api: ApiRequests): Promise<number> {
  const page = await api.text('/metrics')
  return [...page.matchAll(line)].reduce((sum, [, count]) => sum + Number(count), 0)
}
