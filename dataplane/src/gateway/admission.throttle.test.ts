import { describe, expect, it } from 'vitest'
import { allowAuthenticated, apiKey, decide, gateway } from './callerFixture.ts'
import { enforce, policy, request, route, rule } from './snapshotFixture.ts'

const throttle = (limit: number) => ({ limit, window: 60_000, blockFor: 60_000, perProvider: null })
const narrow = (failureThrottle: ReturnType<typeof throttle> | null) =>
  policy({ providers: [apiKey], rules: [allowAuthenticated], failureThrottle }, 'narrow')
const wide = (failureThrottle: ReturnType<typeof throttle> | null) =>
  policy({ providers: [], rules: [], failureThrottle }, 'wide')

const attached = (...policies: { readonly policy: string; readonly level: number }[]) =>
  route({ rules: [rule({ access: { ...enforce('narrow', 3), policies } })] })
const both = attached({ policy: 'shop/wide', level: 0 }, { policy: 'shop/narrow', level: 3 })

const guess = (key: string) => request('/', ['X-Api-Key', key])

/** What becomes of this many guesses. */
async function guesses(built: ReturnType<typeof gateway>, count: number): Promise<string[]> {
  const outcomes: string[] = []
  for (let index = 0; index < count; index++) outcomes.push(await decide(built, guess(`wrong-${index}`)))
  return outcomes
}

const refused = 'authentication unauthenticated'
const blocked = 'throttle too-many-failures'

describe('failureThrottle', () => {
  it('of every level must pass: the strictest blocks', async () => {
    expect(await guesses(gateway(narrow(throttle(3)), wide(throttle(2)), both), 4)).toEqual([
      refused,
      refused,
      blocked,
      blocked,
    ])
    expect(await guesses(gateway(narrow(throttle(2)), wide(throttle(3)), both), 3)).toEqual([refused, refused, blocked])
    expect(await guesses(gateway(narrow(null), wide(throttle(1)), both), 2)).toEqual([refused, blocked])
  })

  it('is absent where no policy has one', async () => {
    expect(new Set(await guesses(gateway(narrow(null), wide(null), both), 50))).toEqual(new Set([refused]))
  })

  it('lets a caller in whose key is good, and with it ends nothing', async () => {
    const built = gateway(narrow(throttle(1)), attached({ policy: 'shop/narrow', level: 3 }))
    expect(await guesses(built, 2)).toEqual([refused, blocked])
    expect(await decide(built, guess('secret'))).toBe('permit')
    expect(await guesses(built, 1)).toEqual([blocked])
  })
})
