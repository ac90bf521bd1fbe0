import type { ApiRequests } from '../apiserver/apiRequests.ts'

const line =
  /^apiserver_request_total\{.*group="gatehouse\.dev".*resource="(?:gatewayroutes|accesspolicies)".*subresource="status".*verb="(?:PUT|PATCH|APPLY)".*\} ([\d.e+]+)$/gm

/** How often statuses of routes and policies have been written, as the API server counts it. */
export async function statusWrites(api: ApiRequests): Promise<number> {
  const page = await api.text('/metrics')
  return [...page.matchAll(line)].reduce((sum, [, count]) => sum + Number(count), 0)
}
