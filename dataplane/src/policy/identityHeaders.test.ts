import { describe, expect, it } from 'vitest'
import type { IdentityHeader } from '@gatehouse/contract'
import { identityHeaders } from './identityHeaders.ts'
import { principal } from './policyFixture.ts'
import type { Principal } from './principal.ts'

const write = (from: IdentityHeader['from'], caller: Principal | null, level = 3) =>
  identityHeaders({ policy: 'shop/p', level, headers: [{ name: 'x', from }] }, caller)

const claim = (value: unknown) => write({ type: 'Claim', path: ['c'] }, principal({ claims: { c: value } }))

describe('identityHeaders (M10)', () => {
  it.each<[IdentityHeader['from'], Partial<Principal>, string[]]>([
    [{ type: 'Subject' }, { subject: 'ada' }, ['x', 'ada']],
    [{ type: 'Issuer' }, {}, ['x', 'https://idp']],
    [{ type: 'Issuer' }, { issuer: '' }, []],
    [{ type: 'Provider' }, {}, ['x', 'staff']],
    [{ type: 'Tenant' }, { tenant: 'acme' }, ['x', 'acme']],
    [{ type: 'Tenant' }, {}, []],
    [{ type: 'Roles' }, { roles: ['a', 'b c'] }, ['x', '"a", "b c"']],
    [{ type: 'Roles' }, { roles: ['a", "admin'] }, ['x', '"a\\", \\"admin"']],
    [{ type: 'Roles' }, { roles: ['a\\'] }, ['x', '"a\\\\"']],
    [{ type: 'Roles' }, { roles: [''] }, ['x', '""']],
    [{ type: 'Roles' }, {}, []],
    [{ type: 'Scopes' }, { scopes: ['r:w'] }, ['x', '"r:w"']],
  ])('%j of %j', (from, over, expected) => {
    expect(write(from, principal(over))).toEqual(expected)
  })

  it.each<[unknown, readonly string[] | string]>([
    ['text', ['x', 'text']],
    [true, ['x', 'true']],
    [7, ['x', '7']],
    [
      ['a', 1],
      ['x', '"a", "1"'],
    ],
    [[], []],
    [undefined, []],
    [null, []],
    ['', []],
    [{}, 'x'],
    [[['a']], 'x'],
    [1.5, 'x'],
  ])('a claim %j', (value, expected) => {
    expect(claim(value)).toEqual(expected)
  })

  it.each(['a\r\nx-admin: 1', 'a\0', 'é', ' a', 'a ', 'a\t', '\x7f', 'x'.repeat(4097)])(
    '%j cannot be written',
    (text) => {
      expect(write({ type: 'Subject' }, principal({ subject: text }))).toBe('x')
      expect(claim(text)).toBe('x')
    },
  )

  it.each(['a\nb', 'é', 'a\tb'])('%j cannot be written in a list', (text) => {
    expect(write({ type: 'Roles' }, principal({ roles: ['ok', text] }))).toBe('x')
  })

  it('tells nothing of an anonymous caller, nor of one that the level does not believe', () => {
    expect(write({ type: 'Subject' }, null)).toEqual([])
    expect(write({ type: 'Subject' }, principal({ level: 4 }))).toEqual([])
    expect(write({ type: 'Subject' }, principal({ level: 4 }), 4)).toEqual(['x', 'ada'])
  })
})
