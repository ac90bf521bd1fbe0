import { createServer } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAuthority } from './authority.ts'
import { changes, type Changes } from './changes.ts'

/** An event as it arrived. */
export interface ReceivedEvent {
  readonly headers: IncomingMessage['headers']
  readonly text: string
}

/** A webhook over TLS that answers as a test tells it. */
export interface EventReceiver {
  readonly url: string
  /** PEM of the authority that its certificate is from. */
  readonly anchor: string
  readonly events: Changes<ReceivedEvent>
  answer(how: (response: ServerResponse) => void): void
  close(): Promise<void>
}

/** It takes events until it is told otherwise. */
export async function startEventReceiver(): Promise<EventReceiver> {
  const authority = await createAuthority('Analytics root')
  const { certificate: cert, privateKey: key } = await authority.leaf({ addresses: ['127.0.0.1'] })
  const events = changes<ReceivedEvent>()
  let answer = (response: ServerResponse): unknown => response.writeHead(204).end()
  const server = createServer({ cert, key }, (request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      events.add({ headers: request.headers, text: Buffer.concat(parts).toString() })
      answer(response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `https://127.0.0.1:${port}/spikes`,
    anchor: authority.certificate,
    events,
    answer: (how) => (answer = how),
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
