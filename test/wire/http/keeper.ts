import { afterEach } from 'vitest'
import { startBackend, startRawBackend, type RawResponder, type Responder } from '../../support/backend.ts'
import { startFixture, type Fixture, type Wishes } from './fixture.ts'

export interface Closable {
  close(): Promise<void>
}

/** Starts things that are closed after the test, the last first. */
export function keeper() {
  const open: Closable[] = []
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close()
  })
  const keep = async <T extends Closable>(starting: Promise<T> | T): Promise<T> => {
    const one = await starting
    open.push(one)
    return one
  }
  return {
    keep,
    start: (wishes: Wishes): Promise<Fixture> => keep(startFixture(wishes)),
    backend: (responder?: Responder) => keep(startBackend(responder)),
    rawBackend: (responder: RawResponder) => keep(startRawBackend(responder)),
    /** A backend that answers each request head with these bytes. */
    answering: (bytes: string) =>
      keep(
        startRawBackend((socket, chunk) => {
          if (chunk.includes('\r\n\r\n')) socket.write(bytes, 'latin1')
        }),
      ),
  }
}

/** The head of a request to `api.shop.example`. */
export const head = (method: string, path: string, ...headers: string[]): string =>
  `${method} ${path} HTTP/1.1\r\nHost: api.shop.example\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`

/** A JSON body. */
export const json = (response: { readonly body: Buffer } | undefined): { readonly [key: string]: unknown } =>
  JSON.parse(response?.body.toString() ?? '{}')

/** The `type` of a problem document without what all have in common. */
export const codeOf = (response: { readonly body: Buffer } | undefined): string | undefined =>
  String(json(response)['type']).replace('urn:gatehouse:problem:', '')

/** Waits for what only events of other parties can bring about. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

/** The timeouts of a route, these in place of the usual ones. */
export const timeouts = (
  some: Partial<{ request: number; backendRequest: number; connect: number; idle: number; maxStreamAge: number }>,
) => ({
  timeouts: { request: 15_000, backendRequest: 0, connect: 1000, idle: 60_000, maxStreamAge: 0, ...some },
})
