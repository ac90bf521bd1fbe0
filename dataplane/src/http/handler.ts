import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Admission, Gateway } from '../gateway/gateway.ts'
import type { RefusalCode } from '../gateway/refusal.ts'
import type { RawRequest } from '../gateway/facts.ts'
import { hasBody } from '../forward/upload.ts'
import { isLast, served, type Connection, type Serve } from './connection.ts'
import { reservedPrefix } from './reserved.ts'
import { requestId } from './requestId.ts'
import { ServedRequest, type Service } from './servedRequest.ts'

/**
 * The one way of a request through the data plane (M8): form of the head → admission → forwarding or refusal → record.
 *
 * @param reserved - answers the gateway's own paths
 * @param unparsed - answers bytes behind a request that are no request
 */
export function requestHandler(
  service: Service,
  reserved: (request: IncomingMessage, response: ServerResponse) => void,
  unparsed: (connection: Connection, code: RefusalCode) => void,
): Serve {
  const serve: Serve = (connection, request, response) => {
    const gateway = service.gateway()
    const id = requestId()
    const expectsContinue = request.httpVersion === '1.1' && isContinue(request.headers.expect)
    const serving = new ServedRequest(service, connection, { request, response }, { id, gateway, expectsContinue })
    connection.serving = serving
    response.on('error', ignore)
    response.on('close', () => {
      serving.close()
      served(connection, serve, (code) => unparsed(connection, code))
    })
    // The parser takes what follows an offer to upgrade for another protocol.
    if (isLast(connection) || request.headers.upgrade !== undefined) response.shouldKeepAlive = false
    const refused = headFault(request)
    if (refused !== null) serving.refuse(refused, 'form')
    // A body has no reader there: admission refuses such a request, and bounds what is still read of it.
    else if (request.url?.startsWith(reservedPrefix) && !hasBody(request)) serving.delegate(reserved)
    else if (gateway === null) serving.refuse('not-ready', 'config')
    else admit(serving, gateway, rawRequest(connection, request, id))
    return serving
  }
  return serve
}

function admit(serving: ServedRequest, gateway: Gateway, raw: RawRequest): void {
  let admission: Admission
  try {
    admission = gateway.admit(raw)
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

const rawRequest = (connection: Connection, request: IncomingMessage, id: string): RawRequest => ({
  method: request.method ?? '',
  target: request.url ?? '',
  httpVersion: request.httpVersion,
  rawHeaders: request.rawHeaders,
  connection: connection.facts,
  id,
})

/** What can be refused before anything is known of the request. */
function headFault(request: IncomingMessage): RefusalCode | null {
  const { headers } = request
  if (headers.expect !== undefined && request.httpVersion === '1.1' && !isContinue(headers.expect))
    return 'expectation-failed'
  // A server may ignore h2c, and common clients offer it with each first request; its headers are not passed on.
  if (headers.upgrade !== undefined && headers.upgrade.toLowerCase() !== 'h2c') return 'not-implemented'
  return null
}

const isContinue = (expect: string | undefined): boolean => expect?.toLowerCase() === '100-continue'

const ignore = (): void => {}
