import { describe, expect, it } from 'vitest'
import { forwardersOf, goesOn, type CredentialWord } from './credentialUse.ts'
import { principal } from './policyFixture.ts'

const word = (credential: CredentialWord['credential'], policy = 'shop/orders', level = 3): CredentialWord => ({
  policy,
  level,
  credential,
})

const goes = (words: readonly CredentialWord[], providerObject: string, level: number): boolean => {
  const forwarders = forwardersOf(words)
  return forwarders !== null && goesOn(forwarders, principal({ providerObject, level }))
}

describe('a verified credential', () => {
  it.each<[string, boolean, readonly CredentialWord[], [provider: string, level: number]]>([
    ['stays where nobody says anything', false, [word(null)], ['shop/orders/staff', 3]],
    ['goes on where its policy says so', true, [word('Forward')], ['shop/orders/staff', 3]],
    ['goes on where a wider policy says so', true, [word('Forward', 'system/all', 0)], ['shop/orders/staff', 3]],
    [
      'goes on where a rule of its namespace says so',
      true,
      [word('Forward', 'shop/rule', 4)],
      ['shop/orders/staff', 3],
    ],
    [
      'stays where any level says so',
      false,
      [word('Strip', 'system/all', 0), word('Forward')],
      ['shop/orders/staff', 3],
    ],
    [
      'stays where a narrower level says so',
      false,
      [word('Forward'), word('Strip', 'shop/r', 4)],
      ['shop/orders/s', 3],
    ],
    ['stays with whoever only uses the provider', false, [word('Forward')], ['system/all/staff', 0]],
  ])('%s', (_name, expected, words, [provider, level]) => {
    expect(goes(words, provider, level)).toBe(expected)
  })
})
