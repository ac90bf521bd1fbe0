import { describe, expect, it } from 'vitest'
import type { ClaimMap, Provider } from '@gatehouse/contract'
import { jwtMethod } from './policyFixture.ts'
import { namesFrom, trustNamesOf } from './trustNames.ts'

const provider = (trustLevel: ClaimMap['trustLevel']): Provider => {
  const method = jwtMethod()
  return {
    name: 'staff',
    asserts: { roles: [], groups: [], tenants: [], plans: [] },
    method: { ...method, map: { ...method.map, trustLevel } },
    broken: false,
  }
}

describe('trustNamesOf', () => {
  it('names the levels of acr that will do, lowest first', () => {
    const names = trustNamesOf(provider({ claim: ['acr'], values: { gold: 3, bronze: 1, silver: 2 } }))
    expect(namesFrom(names, 2)).toEqual(['silver', 'gold'])
    expect(namesFrom(names, 4)).toEqual([])
  })

  it.each([[null], [{ claim: ['amr'], values: { otp: 2 } }], [{ claim: ['x', 'acr'], values: { gold: 2 } }]])(
    'knows none of %j',
    (trustLevel) => {
      expect(trustNamesOf(provider(trustLevel))).toEqual([])
    },
  )
})
