import type { ConnectionOptions } from 'node:tls'
import { sendRaw } from '../support/raw.ts'
import { host } from './abuseShop.ts'

/** What came of the requests of one address. */
export interface Answers {
  /** By status, such as 401. */
  readonly statuses: ReadonlyMap<number, number>
}

interface Target {
  readonly address: string
  readonly port: number
  /** Settings of each connection; absent = plain text. */
  readonly tls?: () => Promise<ConnectionOptions>
}

/** What one connection is made to carry. */
const batch = 40
/** Addresses that send at the same time. */
const parallel = 8

/** A request of an address. */
export const request = (address: string, credential: string): string =>
  `GET /orders HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-For: ${address}\r\n${credential}\r\n\r\n`

/** Sends requests one after the other. @returns how many were answered with each status */
export async function send(target: Target, requests: readonly string[]): Promise<Answers['statuses']> {
  const statuses = new Map<number, number>()
  for (let from = 0; from < requests.length; from += batch) {
    const some = requests.slice(from, from + batch)
    const tls = target.tls && { tls: await target.tls() }
    const { responses } = await sendRaw(target, some.join(''), { responses: some.length, timeout: 60_000, ...tls })
    for (const { status } of responses) statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
  return statuses
}

/** How many of several answers had each status. */
export function together(parts: readonly Answers['statuses'][]): Answers['statuses'] {
  const sum = new Map<number, number>()
  for (const [status, count] of parts.flatMap((part) => [...part])) sum.set(status, (sum.get(status) ?? 0) + count)
  return sum
}

/** Sends what each address has, several addresses at a time. */
export async function sendAll(target: Target, byAddress: readonly (readonly string[])[]): Promise<Answers['statuses']> {
  const left = [...byAddress]
  const parts: Answers['statuses'][] = []
  const work = async (): Promise<void> => {
    for (let requests = left.shift(); requests !== undefined; requests = left.shift())
      parts.push(await send(target, requests))
  }
  await Promise.all(Array.from({ length: parallel }, work))
  return together(parts)
}
