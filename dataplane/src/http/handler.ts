import { hasBody } from '../forward/upload.ts'
import type { ClientRequest, ClientResponse } from '../forward/clientSide.ts'
import type { Admission, Gateway } from '../gateway/gateway.ts'
import type { RefusalCode } from '../gateway/refusal.ts'
import { reservedPrefix } from './reserved.ts'
import type { ServedRequest } from './servedRequest.ts'

/**
 * The one way of a request through the data plane (M8), whatever protocol it came in: form of the head → admission →
 * forwarding or refusal → record.
 *
 * @param refused - what the protocol has against its head
 * @param reserved - answers the gateway's own paths
 */
export function handle<Q extends ClientRequest, S extends ClientResponse>(
  serving: ServedRequest<Q, S>,
  refused: RefusalCode | null,
  reserved: (request: Q, response: S, id: string) => void,
): void {
  const { request, gateway } = serving
  if (refused !== null) serving.refuse(refused, 'form')
  // A body has no reader there: admission refuses such a request, and bounds what is still read of it.
  else if (request.url?.startsWith(reservedPrefix) && !hasBody(request) && !asksUsage(request, gateway))
    serving.delegate(reserved)
  else if (serving.overloads) serving.refuse('overloaded', 'load')
  else if (gateway === null) serving.refuse('not-ready', 'config')
  else
    serving.inTurn(
      () => gateway.ownerOf(serving.raw),
      () => admit(serving, gateway),
    )
}

/** Whether admission answers for a reserved path. */
function asksUsage({ url = '' }: ClientRequest, gateway: Gateway | null): boolean {
  const path = gateway?.installation.usage ?? null
  return path !== null && url.startsWith(path) && (url.length === path.length || url[path.length] === '?')
}

function admit<Q extends ClientRequest, S extends ClientResponse>(
  serving: ServedRequest<Q, S>,
  gateway: Gateway,
): void {
  let admission: Admission
  try {
    admission = gateway.admit(serving.raw, serving)
  } catch {
    serving.refuse('internal-error', 'config')
    return
  }
  if (!(admission instanceof Promise)) {
    serving.decide(admission)
    return
  }
  admission.then(
    (decision) => serving.decide(decision),
    () => serving.refuse('internal-error', 'config'),
  )
}

/** What can be refused before anything is known of the request. */
export function headFault({ headers, httpVersion }: ClientRequest): RefusalCode | null {
  if (headers.expect !== undefined && httpVersion !== '1.0' && !isContinue(headers.expect)) return 'expectation-failed'
  return null
}

/** Whether the client waits for a 100 before it sends its body. */
export const expectsContinue = ({ headers, httpVersion }: ClientRequest): boolean =>
  httpVersion !== '1.0' && headers.expect !== undefined && isContinue(headers.expect)

const isContinue = (expect: string): boolean => expect.toLowerCase() === '100-continue'
