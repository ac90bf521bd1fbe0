import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { presented } from '../policy/credential.ts'
import { principal } from '../policy/policyFixture.ts'
import type { Verdict } from '../policy/verdict.ts'
import { Breakers } from './breakers.ts'
import { IntrospectedTokens } from './introspectedTokens.ts'
import type { IntrospectionReply } from './introspectionClient.ts'
import { createIntrospector, type IntrospectionOutcome, type Introspector, type Judge } from './introspector.ts'

const time = { at: 0 }
const clock = { now: () => time.at, monotonic: () => time.at }
const active: IntrospectionReply = { type: 'answer', answer: { active: true }, size: 10 }
const inactive: IntrospectionReply = { type: 'answer', answer: { active: false }, size: 10 }
const judge: Judge = ({ active: is }) => (is === true ? { type: 'valid', principal: principal() } : 'inactive')
const unavailable = (retryAfter: number) => ({ type: 'unavailable', retryAfter })

let breakers: Breakers
let asked: { readonly token: string; readonly answer: (reply: IntrospectionReply) => void }[]
let outcomes: IntrospectionOutcome[]
let introspector: Introspector

beforeEach(() => {
  time.at = 0
  asked = []
  outcomes = []
  breakers = new Breakers(clock)
  introspector = createIntrospector({
    identity: 'one',
    client: {
      ask: (token) => new Promise((resolve) => asked.push({ token, answer: resolve })),
      close: () => {},
    },
    tokens: new IntrospectedTokens(
      clock,
      { activeTTL: 1000, inactiveTTL: 100, activeEntries: 100, inactiveEntries: 100, bytes: 10_000 },
      { used: 0, limit: 10_000 },
    ),
    breakers,
    clock,
    maxInFlight: 10,
    observe: (outcome) => outcomes.push(outcome),
  })
})
afterEach(() => breakers.close())

const ask = (token: string): Promise<Verdict> => introspector.ask(presented(token), judge)

async function answered(token: string, reply: IntrospectionReply): Promise<Verdict> {
  const verdict = ask(token)
  asked.at(-1)!.answer(reply)
  return await verdict
}

describe('createIntrospector', () => {
  it('asks once for all who ask for the same token at the same time', async () => {
    const all = [ask('a'), ask('a'), ask('b'), ask('a')]
    expect(asked.map(({ token }) => token)).toEqual(['a', 'b'])
    asked[0]!.answer(active)
    asked[1]!.answer(inactive)
    expect((await Promise.all(all)).map(({ type }) => type)).toEqual(['valid', 'valid', 'invalid', 'valid'])
    expect(outcomes).toEqual(['active', 'inactive'])
  })

  it('remembers what it was told, and asks again after that', async () => {
    await answered('a', active)
    await answered('b', inactive)
    expect(introspector.recall(presented('a').digest)).toMatchObject({ type: 'valid' })
    expect(introspector.recall(presented('b').digest)).toMatchObject({ type: 'invalid' })
    time.at = 1000
    expect(introspector.recall(presented('a').digest)).toBeNull()
    expect(introspector.recall(presented('b').digest)).toBeNull()
    expect(await answered('a', inactive)).toMatchObject({ type: 'invalid' })
  })

  it('calls a token forged that it never heard of, once', async () => {
    const all = [ask('guess'), ask('guess')]
    asked[0]!.answer(inactive)
    expect(await Promise.all(all)).toEqual([
      { type: 'invalid', forged: true },
      { type: 'invalid', forged: false },
    ])
    expect(introspector.recall(presented('guess').digest)).toEqual({ type: 'invalid', forged: false })
    time.at = 100
    expect(await answered('guess', inactive)).toEqual({ type: 'invalid', forged: false })
  })

  it('does not call a token forged that was good once', async () => {
    await answered('a', active)
    time.at = 1000
    for (const _ of [1, 2, 3]) {
      expect(await answered('a', inactive)).toEqual({ type: 'invalid', forged: false })
      time.at += 100
    }
  })

  it('counts what it was told from when it asked', async () => {
    const verdict = ask('a')
    time.at = 900
    asked[0]!.answer(active)
    await verdict
    time.at = 1000
    expect(introspector.recall(presented('a').digest)).toBeNull()
  })

  it('has no more calls under way than it may, and says so', async () => {
    const all = Array.from({ length: 12 }, (_, index) => ask(String(index)))
    expect(asked).toHaveLength(10)
    expect(await Promise.all(all.slice(10))).toEqual([unavailable(1), unavailable(1)])
    expect(outcomes).toEqual(['saturated', 'saturated'])
    asked.forEach(({ answer }) => answer(active))
    await Promise.all(all)
    expect((await answered('more', active)).type).toBe('valid')
  })

  it.each<IntrospectionReply['type']>(['timeout', 'unreachable', 'unauthorized', 'status', 'malformed'])(
    'remembers nothing of a fault (%s), and gives the server a rest after several',
    async (type) => {
      for (let index = 0; index < 5; index++) {
        expect(await answered('a', { type } as IntrospectionReply)).toEqual(unavailable(1))
      }
      expect(await ask('a')).toEqual(unavailable(5))
      expect(asked).toHaveLength(5)
      expect(outcomes).toEqual([type, type, type, type, type, 'circuit-open'])
    },
  )

  it('does not let what the text of a token causes shut out others', async () => {
    for (let index = 0; index < 20; index++) expect(await answered('odd', { type: 'rejected' })).toEqual(unavailable(1))
    expect((await answered('good', active)).type).toBe('valid')
  })
})
