import type { Provider, ResourceSpec } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { createGatewayState } from '../state/gatewayState.ts'
import { apiKey, clock, jwt } from './callerFixture.ts'
import { compileAuthenticator } from './compileAuthenticator.ts'
import { atOnce } from '../slices.ts'
import { parseResources } from './parse.ts'
import { policy } from './snapshotFixture.ts'

const settings = { type: 'Remote', uri: 'https://idp.example/jwks', addresses: 'Public', trust: null } as const
const outbound = { podCIDRs: [], allowLoopback: false, deniedAddresses: [] }

function compile(...providers: Provider[]) {
  const state = createGatewayState({ clock, random: () => 0 })
  const { parsed } = atOnce(parseResources(new Map(), null))
  const keySet = new Map([['shop/staff/jwt', { name: 'shop/staff/jwt', hash: 'h', spec: settings }]])
  const spec = policy({ providers }).spec as ResourceSpec<'policy'>
  const sources = { parsed: { ...parsed, keySet }, state, outbound, purpose: 'Enforce' as const }
  const chooser = { policy: 'shop/open', level: 3 }
  const placed = spec.providers.map((provider) => ({ provider, ...chooser }))
  return { state, make: () => compileAuthenticator(chooser, placed, sources) }
}

describe('compileAuthenticator', () => {
  it('holds the key sets of its providers', () => {
    const { state, make } = compile(jwt)
    expect(make().leases).toHaveLength(1)
    expect([...state.keySets.states()]).toHaveLength(1)
    state.close()
  })

  it('holds nothing when it cannot be built', () => {
    const broken = Object.defineProperty({ ...apiKey }, 'method', {
      get: () => {
        throw new Error('planted')
      },
    })
    const { state, make } = compile(jwt, broken)
    expect(make).toThrow('planted')
    expect([...state.keySets.states()]).toEqual([])
    state.close()
  })
})
