import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RemoteKeys, type RefreshTimes } from './remoteKeys.ts'

const key = (kid: string) => ({
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
  kid,
})
const [one, two] = [key('one'), key('two')]
const documentOf = (...keys: unknown[]) => JSON.stringify({ keys })

const times: RefreshTimes = { interval: 60_000, backoff: 1000, maxBackoff: 8000, coolDown: 30_000, maxStale: 600_000 }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A provider that answers as told, and counts. */
function provider(answer: string | Error) {
  const state = { answer, fetches: 0, running: 0, most: 0, delay: 0 }
  const fetch = async (): Promise<string> => {
    state.fetches++
    state.most = Math.max(state.most, ++state.running)
    if (state.delay > 0) await vi.advanceTimersByTimeAsync(0)
    await new Promise((resolve) => setTimeout(resolve, state.delay))
    state.running--
    if (state.answer instanceof Error) throw state.answer
    return state.answer
  }
  const clock = { now: () => Date.now(), monotonic: () => Date.now() }
  const keys = new RemoteKeys({ fetch, clock, random: () => 0, times })
  return { state, keys }
}

const knows = (keys: RemoteKeys, kid: string): boolean => keys.find(kid, 'ES256').length === 1
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1)

describe('RemoteKeys', () => {
  it('fetches at once, and lets those who wait share it', async () => {
    const { keys, state } = provider(documentOf(one))
    state.delay = 500
    const waiting = Promise.all(Array.from({ length: 50 }, () => keys.renew()))
    expect(knows(keys, 'one')).toBe(false)
    await vi.advanceTimersByTimeAsync(600)
    await waiting
    expect(knows(keys, 'one')).toBe(true)
    expect(keys.unavailableFor()).toBeNull()
    expect(state).toMatchObject({ fetches: 1, most: 1 })
  })

  it('fetches ahead of need, and drops a key that is gone', async () => {
    const { keys, state } = provider(documentOf(one))
    await settle()
    const { id } = keys.find('one', 'ES256')[0]!
    expect(keys.has(id)).toBe(true)
    state.answer = documentOf(two)
    await vi.advanceTimersByTimeAsync(times.interval)
    expect([knows(keys, 'one'), knows(keys, 'two'), keys.has(id)]).toEqual([false, true, false])
    expect(state.fetches).toBe(2)
  })

  it('lets unknown keys cause one fetch in a cool-down', async () => {
    const { keys, state } = provider(documentOf(one))
    await settle()
    for (let i = 0; i < 100; i++) await keys.renew()
    expect(state.fetches).toBe(1)
    state.answer = documentOf(one, two)
    await vi.advanceTimersByTimeAsync(times.coolDown)
    const flood = Promise.all(Array.from({ length: 100 }, () => keys.renew()))
    await settle()
    await flood
    expect(state.fetches).toBe(2)
    expect(knows(keys, 'two')).toBe(true)
  })

  it('runs one fetch at a time, also when one is due while another runs', async () => {
    const { keys, state } = provider(documentOf(one))
    await settle()
    state.delay = 5000
    await vi.advanceTimersByTimeAsync(times.interval - 1000)
    const renewed = keys.renew()
    await vi.advanceTimersByTimeAsync(10_000)
    await renewed
    expect(state).toMatchObject({ fetches: 2, most: 1 })
  })

  it('uses the keys that it has while the provider is down, and asks less and less', async () => {
    const { keys, state } = provider(documentOf(one))
    await settle()
    state.answer = new Error('down')
    await vi.advanceTimersByTimeAsync(times.interval)
    expect(state.fetches).toBe(2)
    expect(knows(keys, 'one')).toBe(true)
    expect(keys.unavailableFor()).toBeGreaterThan(0)
    const before = state.fetches
    for (let second = 0; second < 120; second++) {
      await Promise.all([keys.renew(), keys.renew(), vi.advanceTimersByTimeAsync(1000)])
    }
    expect(state.fetches - before).toBeLessThan(20)
    expect(state.most).toBe(1)
    expect(knows(keys, 'one')).toBe(true)
    state.answer = documentOf(one)
    await vi.advanceTimersByTimeAsync(times.maxBackoff + 1)
    expect(keys.unavailableFor()).toBeNull()
  })

  it('does not use keys for ever that it can no longer fetch', async () => {
    const { keys, state } = provider(documentOf(one))
    await settle()
    const { id } = keys.find('one', 'ES256')[0]!
    state.answer = new Error('down')
    await vi.advanceTimersByTimeAsync(times.maxStale + 1000)
    expect(knows(keys, 'one')).toBe(false)
    expect(keys.has(id)).toBe(false)
    expect(keys.unavailableFor()).toBeGreaterThan(0)
  })

  it('says that it has nothing while the first fetch fails, without asking with each request', async () => {
    const { keys, state } = provider(new Error('down'))
    await settle()
    for (let i = 0; i < 100; i++) await keys.renew()
    expect(state.fetches).toBe(1)
    expect(keys.unavailableFor()).toBe(1)
    state.answer = documentOf(one)
    await vi.advanceTimersByTimeAsync(times.backoff)
    expect(knows(keys, 'one')).toBe(true)
  })

  it.each([
    ['no JSON', 'oops'],
    ['no set', '[]'],
    ['null', 'null'],
    ['no list', '{"keys":{}}'],
    [
      'a private key',
      documentOf(one, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })),
    ],
    ['too many keys', documentOf(...Array.from({ length: 65 }, () => one))],
  ])('takes %s for a failure and keeps what it has', async (_name, answer) => {
    const { keys, state } = provider(documentOf(one))
    await settle()
    state.answer = answer
    await vi.advanceTimersByTimeAsync(times.interval)
    expect(state.fetches).toBe(2)
    expect(knows(keys, 'one')).toBe(true)
    expect(keys.unavailableFor()).not.toBeNull()
  })

  it('takes an empty set at its word', async () => {
    const { keys, state } = provider(documentOf(one))
    await settle()
    state.answer = documentOf()
    await vi.advanceTimersByTimeAsync(times.interval)
    expect(knows(keys, 'one')).toBe(false)
    expect(keys.unavailableFor()).toBeNull()
  })

  it('fetches no more once it is closed', async () => {
    const { keys, state } = provider(documentOf(one))
    await settle()
    keys.close()
    await vi.advanceTimersByTimeAsync(10 * times.interval)
    await keys.renew()
    expect(state.fetches).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
  })
})
