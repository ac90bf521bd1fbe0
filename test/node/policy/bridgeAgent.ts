import { Agent, request, type AgentOptions } from 'node:https'
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'
import { connect, type ConnectionOptions } from 'node:tls'
import type { NodeBridge } from './nodeBridge.ts'

/** Keeps TLS connections into the node's network. */
export class BridgeAgent extends Agent {
  readonly #bridge: NodeBridge
  readonly #tls: ConnectionOptions

  constructor(bridge: NodeBridge, tls: ConnectionOptions, options: AgentOptions = {}) {
    super({ keepAlive: true, maxSockets: 64, ...options })
    this.#bridge = bridge
    this.#tls = tls
  }

  override createConnection(
    { host, port }: { readonly host?: string; readonly port?: number | string | null },
    created: (error: Error | null, stream?: Duplex) => void,
  ): undefined {
    this.#bridge.connect(host ?? '', Number(port)).then(
      (socket) => created(null, connect({ ...this.#tls, socket })),
      (error: unknown) => created(error as Error),
    )
  }
}

export interface BridgedRequest {
  readonly agent: Agent
  readonly address: string
  readonly port: number
  readonly method?: string
  readonly path: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string
}

export interface BridgedAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** @throws when there is no whole answer within ten seconds */
export function send({ agent, address, port, body, ...rest }: BridgedRequest): Promise<BridgedAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<BridgedAnswer>()
  const options = { ...rest, agent, host: address, port, signal: AbortSignal.timeout(10_000) }
  const outgoing = request(options, (response) => {
    let text = ''
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    response.on('error', reject)
    response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
  })
  outgoing.on('error', reject)
  outgoing.end(body)
  return promise
}
