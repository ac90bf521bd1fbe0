import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refusals, type Check, type RefusalCode } from '../../dataplane/src/gateway/refusal.ts'
import type { RecordedRequest } from '../support/backend.ts'
import { backendSecret } from './answersShop.ts'
import { sendRaw, type RawOptions } from '../support/raw.ts'
import type { RawResponse } from '../support/response.ts'
import { apiKeys } from './apiKeys.ts'
import { host } from './shop.ts'
import { startVictim, type ListenerName, type Victim } from './victim.ts'

/**
 * What must come back for one request: the backend's answer, that to a preflight, one that the route has the gateway give
 * with this status, or a refusal and the check that gave it.
 */
export type Answer = 'passed' | 'preflight' | number | readonly [RefusalCode, Check]

/** What of a request must have reached the backend. */
export interface Reached {
  readonly method?: string
  readonly target?: string
  readonly body?: string
  /** Values by lower-case name; null = the header is not there, in no spelling that a CGI backend would take for it. */
  readonly headers?: { readonly [name: string]: string | null }
  /** Looks at a request that has arrived. */
  readonly look?: (arrived: RecordedRequest) => void
}

/** One attack: what is sent, what must be answered and logged, and what reached the backend. */
export interface Attack {
  readonly name: string
  /** Bytes as Latin-1; several are sent as packets of their own. */
  readonly send?: string | readonly string[] | ((victim: Victim) => Promise<string>)
  /** What has to happen first; what reaches the backend then is not counted. @returns what is sent */
  readonly prepare?: (victim: Victim) => Promise<string>
  readonly answers: readonly Answer[]
  /** In the order of arrival; absent = not one byte; `Torn` = at most the beginning of a request that never ends. */
  readonly reached?: readonly Reached[] | 'Torn'
  /** Fields of the decision line of the last answer. */
  readonly logged?: { readonly [field: string]: unknown }
  /** Headers of the last answer; null = it is not there. */
  readonly answered?: { readonly [name: string]: RegExp | null }
  readonly listener?: ListenerName
  readonly tls?: (victim: Victim) => Promise<NonNullable<RawOptions['tls']>>
  /** The server must have ended the connection. */
  readonly closed?: true
  /** Methods of the requests when one is HEAD. */
  readonly methods?: readonly string[]
}

interface Sent {
  readonly method?: string
  readonly version?: string
  readonly headers?: readonly string[]
  readonly body?: string
  readonly host?: string
}

/** A request on one line and a few: everything that is not said is as a sound client would send it. */
export function request(
  target: string,
  { method = 'GET', version = '1.1', headers = [], body = '', ...rest }: Sent = {},
): string {
  const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body, 'latin1')}`]
  const lines = [`${method} ${target} HTTP/${version}`, `Host: ${rest.host ?? host}`, ...length, ...headers]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

/** Attacks of one class against one data plane, and at the end a look into its logs. */
export function attacks(name: string, cases: readonly Attack[]): void {
  against(name, cases, carryOut)
}

/** The same, with attacks of another kind. */
export function against<A extends { readonly name: string }>(
  name: string,
  cases: readonly A[],
  carryOut: (victim: Victim, attack: A) => Promise<void>,
): void {
  describe(`attack: ${name}`, () => {
    let victim: Victim
    beforeAll(async () => {
      victim = await startVictim()
    })
    afterAll(() => victim.close())
    for (const attack of cases) it(attack.name, () => carryOut(victim, attack))
    it('leaves no credential in any log', () => {
      const text = victim.logs()
      expect(text).toContain('"log":"security"')
      for (const secret of Object.values(apiKeys)) expect(text).not.toContain(secret)
      // The beginning of any JWS header.
      expect(text).not.toContain('eyJ')
      expect(text).not.toContain('PRIVATE KEY')
      expect(text).not.toContain(backendSecret)
    })
  })
}

async function carryOut(victim: Victim, attack: Attack): Promise<void> {
  const prepared = await attack.prepare?.(victim)
  const before = { requests: victim.backend.requests.length, bytes: victim.backend.bytes().length }
  const bytes = typeof attack.send === 'function' ? await attack.send(victim) : (attack.send ?? prepared ?? '')
  const target = await victim.listener(attack.listener ?? 'http')
  const tls = await attack.tls?.(victim)
  const exchange = await sendRaw(target, bytes, {
    ...(attack.closed ? {} : { responses: attack.answers.length }),
    ...(attack.methods === undefined ? {} : { methods: attack.methods }),
    ...(tls === undefined ? {} : { tls }),
  })
  expect(exchange.responses.map(summary)).toEqual(attack.answers.map(expected))
  if (attack.closed) expect(exchange.closed).toBe(true)
  await checkReached(victim, attack, before)
  const last = exchange.responses.at(-1)
  if (last === undefined) return
  for (const [name, pattern] of Object.entries(attack.answered ?? {})) {
    const value = last.headers.get(name)?.join(', ')
    if (pattern === null) expect({ [name]: value }).toEqual({ [name]: undefined })
    else expect(value).toMatch(pattern)
  }
  await checkLogged(victim, attack, last)
}

/** The code stands only in problem documents of the gateway's own. */
function codeOf(response: RawResponse): string | null {
  if (response.headers.get('content-type')?.[0] !== 'application/problem+json') return null
  const problem = JSON.parse(response.body.toString() || '{}') as { type?: string; status?: number }
  if (problem.status !== undefined) expect(problem.status).toBe(response.status)
  return problem.type?.replace('urn:gatehouse:problem:', '') ?? null
}

const summary = (response: RawResponse): string => `${response.status} ${codeOf(response) ?? ''}`.trim()
function expected(answer: Answer): string {
  if (typeof answer === 'number') return String(answer)
  if (answer === 'passed') return '200'
  return answer === 'preflight' ? '204' : `${refusals[answer[0]].status} ${answer[0]}`
}

/** Looks at what the backend has seen of an attack since `before`. */
export async function checkReached(
  victim: Victim,
  attack: Pick<Attack, 'reached'>,
  before: { requests: number; bytes: number },
): Promise<void> {
  const { backend } = victim
  if (attack.reached === undefined) {
    expect(backend.bytes().subarray(before.bytes).toString('latin1')).toBe('')
    await passBarrier(victim)
    expect(backend.requests.slice(before.requests).map(({ target }) => target)).toEqual([barrier])
    return
  }
  if (attack.reached === 'Torn') {
    await expect.poll(() => backend.requests.slice(before.requests).every(({ complete }) => !complete)).toBe(true)
    return
  }
  await expect.poll(() => backend.requests.length - before.requests).toBe(attack.reached.length)
  const arrived = backend.requests.slice(before.requests)
  for (const [index, wanted] of attack.reached.entries()) checkRequest(arrived[index]!, wanted)
}

const barrier = '/public/barrier'

/** What was on its way to the backend before this request is there when it is. */
async function passBarrier({ backend, listener }: Victim): Promise<void> {
  const { length } = backend.requests
  const { responses } = await sendRaw(await listener('http'), request(barrier), { responses: 1 })
  expect(responses.map(summary)).toEqual(['200'])
  await expect.poll(() => backend.requests.slice(length).some(({ target }) => target === barrier)).toBe(true)
}

function checkRequest(arrived: RecordedRequest, wanted: Reached): void {
  const { method, target, body, headers = {} } = wanted
  wanted.look?.(arrived)
  expect(arrived.complete).toBe(true)
  if (method !== undefined) expect(arrived.method).toBe(method)
  if (target !== undefined) expect(arrived.target).toBe(target)
  if (body !== undefined) expect(arrived.body.toString('latin1')).toBe(body)
  for (const [name, value] of Object.entries(headers)) {
    const found = arrived.rawHeaders.flatMap((text, index) =>
      index % 2 === 0 && text.toLowerCase().replaceAll(/[^a-z0-9]/g, '-') === name
        ? [arrived.rawHeaders[index + 1]]
        : [],
    )
    expect({ [name]: found }).toEqual({ [name]: value === null ? [] : [value] })
  }
}

async function checkLogged(victim: Victim, attack: Attack, last: RawResponse): Promise<void> {
  const answer = attack.answers.at(-1)!
  const id = last.headers.get('x-request-id')?.[0]
  expect(id, 'an answer carries the id of its request').toBeDefined()
  const line = await victim.decision(id!)
  const wanted =
    typeof answer === 'number'
      ? { log: 'audit', decision: 'permit', code: null, check: null, upstream: null }
      : typeof answer === 'string'
        ? { log: 'audit', decision: 'permit', code: null, check: answer === 'passed' ? null : 'cors' }
        : { log: 'security', decision: 'refuse', code: answer[0], check: answer[1] }
  expect(line).toMatchObject({ status: last.status, ...wanted, ...attack.logged })
}
