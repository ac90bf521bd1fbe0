import { describe, expect, it } from 'vitest'
import { createGatewayState } from '../state/gatewayState.ts'
import { createReplays } from '../state/replays.ts'
import { isSettled, settle } from './admit.ts'
import { bearer, clock, decide, jwt, keySet, permitted, seconds, token } from './callerFixture.ts'
import { authorizationRule, build, openSnapshot, policy, request } from './snapshotFixture.ts'

const once = {
  ...jwt,
  method: {
    ...(jwt.method as Extract<typeof jwt.method, { type: 'Jwt' }>),
    replay: { claim: 'jti', scope: 'Replica' } as const,
  },
}

describe('tokens that count once', () => {
  it('are refused with 503 when no more can be remembered', async () => {
    const state = { ...createGatewayState({ clock, random: () => 0 }), replays: createReplays(1) }
    const rules = [authorizationRule('Allow')]
    const resources = [...openSnapshot(), keySet, policy({ providers: [once], rules })]
    const built = build(resources, { state, clock })
    const ask = (jti: string) => decide(built, request('/', bearer(token({ jti }))))
    expect(await ask('a')).toBe('permit')
    expect(await ask('b')).toBe('replay replays-full')
    expect(await ask('a')).toBe('replay unauthenticated')
  })

  describe('with a body that must be looked at', () => {
    const validation = {
      maxBodySize: null,
      contentTypes: null,
      headers: null,
      queryParams: null,
      pathParams: null,
      body: { maxDepth: 4, schema: '{"type":"object"}' },
      redirectParams: null,
      broken: false,
    }
    const headers = ['Content-Type', 'application/json', 'Content-Length', '2']
    const asked = (jti: string, claims: object = {}) =>
      request('/', [...headers, ...bearer(token({ jti, ...claims }))], { method: 'POST' })
    const checked = () => {
      const testState = createGatewayState({ clock, random: () => 0 })
      const rules = [authorizationRule('Allow')]
      const resources = [...openSnapshot(), keySet, policy({ providers: [once], rules, validation })]
      return build(resources, { state: testState, clock })
    }

    it('are marked when that was found right, and of two that are held one goes on', async () => {
      const built = checked()
      const [first, second] = [await permitted(built, asked('a')), await permitted(built, asked('a'))]
      expect([isSettled(first), isSettled(second)]).toEqual([false, false])
      expect(settle(first)).toBeNull()
      expect(settle(first)).toBeNull()
      expect(isSettled(first)).toBe(true)
      expect(settle(second)).toMatchObject({ code: 'unauthenticated', check: 'replay' })
      expect(settle(second)).toMatchObject({ code: 'unauthenticated', check: 'replay' })
      expect(isSettled(second)).toBe(false)
    })

    it('are marked at once where there is none', async () => {
      const built = checked()
      const bodiless = (jti: string) => request('/', bearer(token({ jti })), { method: 'GET' })
      expect(isSettled(await permitted(built, bodiless('b')))).toBe(true)
      expect(await decide(built, bodiless('b'))).toBe('replay unauthenticated')
    })

    it('do not count when they have expired meanwhile', async () => {
      const built = checked()
      const permit = await permitted(built, asked('c', { exp: seconds + 5 }))
      clock.advance(6_000)
      expect(settle(permit)).toMatchObject({ code: 'unauthenticated', check: 'replay' })
    })
  })
})
