import { describe, expect, it } from 'vitest'
import { createGatewayState } from '../state/gatewayState.ts'
import { createReplays } from '../state/replays.ts'
import { bearer, clock, decide, jwt, keySet, token } from './callerFixture.ts'
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
})
