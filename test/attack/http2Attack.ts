import { expect } from 'vitest'
import { refusals, type Check, type RefusalCode } from '../../dataplane/src/gateway/refusal.ts'
import { data, flags, headers, type Fields } from '../support/http2Frames.ts'
import { openHttp2, type RawStream } from '../support/rawHttp2.ts'
import { tolerantReading, type Preference } from '../support/tolerantReading.ts'
import { against, checkReached, type Reached } from './attack.ts'
import { host } from './shop.ts'
import type { Victim } from './victim.ts'

/**
 * What must become of a request: the backend's answer, a refusal and the check that gave it, or an error of HTTP/2 that
 * ends its stream or its connection.
 */
type Outcome = 'passed' | 'stream-error' | 'connection-error' | readonly [RefusalCode, Check]

/** One request in HTTP/2 as no client should write it. */
export interface Http2Attack {
  readonly name: string
  readonly fields: Fields
  /** Contents of DATA frames; absent = the head is all. */
  readonly body?: readonly string[]
  readonly trailers?: Fields
  readonly outcome: Outcome
  /** In the order of arrival; absent = not one byte. */
  readonly reached?: readonly Reached[] | 'Torn'
}

export interface Head {
  readonly method?: string
  readonly scheme?: string
  readonly authority?: string
  readonly path?: string
}

/** The fields of a request that is sound but for what is said. */
export const fieldsOf = (
  { method = 'GET', scheme = 'http', authority = host, path = '/public' }: Head,
  ...more: Fields
): Fields => [[':method', method], [':scheme', scheme], [':authority', authority], [':path', path], ...more]

/** Attacks of one class, each on a connection of its own. */
export const http2Attacks = (name: string, cases: readonly Http2Attack[]): void => against(name, cases, carryOut)

async function carryOut(victim: Victim, attack: Http2Attack): Promise<void> {
  const { backend } = victim
  const before = { requests: backend.requests.length, bytes: backend.bytes().length }
  const raw = await openHttp2(await victim.listener('http'))
  try {
    await raw.send(...framesOf(attack))
    const stream = await raw.over(1)
    const { outcome } = attack
    if (outcome === 'connection-error') {
      expect(raw.goaway()?.code ?? 0).not.toBe(0)
      await raw.until(() => raw.closed())
    } else expect(summary(stream)).toEqual(expected(outcome))
    await checkReached(victim, attack, before)
    checkReadings(victim, before.bytes)
    if (Array.isArray(outcome)) await checkLogged(victim, stream, outcome)
    if (outcome === 'connection-error') return
    // Whatever it was, it concerned its stream alone.
    await raw.send(headers(101, fieldsOf({ path: '/public/next' })))
    expect(summary(await raw.over(101))).toBe('200')
  } finally {
    raw.close()
  }
}

function framesOf({ fields, body, trailers }: Http2Attack): Buffer[] {
  const last = trailers === undefined ? (body?.length ?? 0) : Infinity
  return [
    headers(1, fields, last === 0 ? flags.endStream : flags.none),
    ...(body ?? []).map((content, index) => data(1, content, index + 1 === last ? flags.endStream : flags.none)),
    ...(trailers === undefined ? [] : [headers(1, trailers)]),
  ]
}

/** However careless the backend is, it finds the same requests as a strict one. */
function checkReadings({ backend }: Victim, from: number): void {
  const bytes = backend.bytes().subarray(from).toString('latin1')
  const preferences: readonly Preference[] = ['length', 'coding']
  for (const preference of preferences) {
    for (const line of tolerantReading(bytes, preference)) {
      expect(line).toMatch(/^[A-Z]+ \/\S* HTTP\/1\.1$/)
      expect(line).not.toContain('smuggled')
    }
  }
}

const summary = ({ status, body, reset }: RawStream): string => {
  if (status === null) return reset === null ? 'nothing' : 'stream-error'
  const problem = body.includes('urn:gatehouse:problem:') ? (JSON.parse(body.toString()) as { type: string }) : null
  return `${status} ${problem?.type.replace('urn:gatehouse:problem:', '') ?? ''}`.trim()
}

function expected(outcome: Outcome): string {
  if (outcome === 'passed') return '200'
  return typeof outcome === 'string' ? outcome : `${refusals[outcome[0]].status} ${outcome[0]}`
}

async function checkLogged(victim: Victim, stream: RawStream, outcome: Outcome): Promise<void> {
  const { requestId } = JSON.parse(stream.body.toString()) as { requestId: string }
  const [code, check] = outcome
  expect(await victim.decision(requestId)).toMatchObject({ log: 'security', decision: 'refuse', code, check })
}
