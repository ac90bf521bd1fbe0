import { Agent, request } from 'node:http'
import type { Issuer } from '../support/issuer.ts'
import { hostileHost } from './hostileScenario.ts'

/** The worst requests for the worst texts of {@link hostileHost}. */
export interface HostileCase {
  readonly name: string
  /** How many are sent at once, and again a moment after the last of them was answered. */
  readonly parallel: number
  readonly path: string
  readonly headers?: { readonly [name: string]: string }
  /** Absent = GET. */
  readonly body?: string
}

const nested = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth)
const members = (count: number): string =>
  `{${Array.from({ length: count }, (_, index) => `"k${index}":${index}`).join(',')}}`
const texts = (count: number, length: number): string =>
  JSON.stringify(Array.from({ length: count }, (_, index) => `${index}${'a'.repeat(length)}`))

export const hostileCases: readonly HostileCase[] = [
  // What volleys of such bodies cost where nobody looks at them.
  { name: 'bodies-unchecked', parallel: 100, path: '/plain', body: texts(300, 90) },
  { name: 'bodies-unchecked-large', parallel: 100, path: '/plain', body: texts(3000, 90) },
  { name: 'bodies-slow-patterns', parallel: 100, path: '/schema', body: texts(300, 90) },
  { name: 'bodies-slow-patterns-large', parallel: 100, path: '/schema', body: texts(3000, 90) },
  { name: 'bodies-many-members', parallel: 100, path: '/wide', body: members(2500) },
  { name: 'bodies-deep', parallel: 100, path: '/wide', body: nested(5000) },
  { name: 'bodies-large-numbers', parallel: 100, path: '/wide', body: `{"m1":${'9'.repeat(30_000)}}` },
  { name: 'paths-regex', parallel: 16, path: `/${'a'.repeat(340)}` },
  { name: 'paths-loops', parallel: 16, path: `/loops${'/a'.repeat(500)}` },
  { name: 'paths-matches', parallel: 16, path: `/matches/${'a'.repeat(260)}` },
  {
    name: 'queries-slow-patterns',
    parallel: 16,
    path: `/query?${Array.from({ length: 40 }, () => `q=${'a'.repeat(160)}`).join('&')}`,
  },
  {
    name: 'headers-many',
    parallel: 16,
    path: '/loops',
    headers: Object.fromEntries(Array.from({ length: 90 }, (_, index) => [`x-${index}`, 'a,'.repeat(60)])),
  },
]

/** A token whose signature is wrong, and that is large. */
export async function forgedTokens(issuer: Issuer): Promise<HostileCase> {
  const exp = Math.floor(Date.now() / 1000) + 3600
  const token = await issuer.sign({
    sub: 'x',
    aud: 'web',
    exp,
    roles: Array.from({ length: 500 }, (_, at) => `r${at}`),
  })
  const forged = `${token.slice(0, -8)}AAAAAAAA`
  return { name: 'tokens-forged', parallel: 16, path: '/tokens', headers: { authorization: `Bearer ${forged}` } }
}

/** Milliseconds between two volleys. */
const pause = 100

/** Sends the requests of a case until it is stopped. @returns what stops it, and says how many were answered by status */
export function attack(
  target: { readonly address: string; readonly port: number },
  { parallel, path, headers = {}, body }: HostileCase,
): () => Promise<ReadonlyMap<number, number>> {
  const agent = new Agent({ keepAlive: true, maxSockets: parallel })
  const answered = new Map<number, number>()
  let over = false
  const once = (): Promise<number> =>
    new Promise((resolve) => {
      const json = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length }
      const sent = request(
        {
          ...{ host: target.address, port: target.port, path, agent, method: body === undefined ? 'GET' : 'POST' },
          headers: { host: hostileHost, ...headers, ...json },
        },
        (response) => {
          response.resume()
          response.on('close', () => resolve(response.statusCode ?? 0))
        },
      )
      sent.on('error', () => resolve(0))
      sent.end(body)
    })
  const volleys = async (): Promise<void> => {
    while (!over) {
      for (const status of await Promise.all(Array.from({ length: parallel }, once)))
        answered.set(status, (answered.get(status) ?? 0) + 1)
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
  const sending = volleys()
  return async () => {
    over = true
    await sending
    agent.destroy()
    return answered
  }
}
