import { ruleCases, type Case } from './case.ts'
import { ruled, admin, allow, deny, holding } from './policy-parts.ts'

export const authorizationCases: readonly Case[] = [
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.authorization.rules[]', message: 'Allow needs methods; ["*"] is any' },
    {
      accepted: { 'an allowed method': ruled(allow), 'a denial of all methods': ruled(deny) },
      refused: { 'an allowance without methods': ruled({ ...allow, methods: undefined }) },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    {
      at: 'spec.authorization.rules[]',
      message: 'Allow and Require need principal; attribute Anyone is every caller',
    },
    {
      accepted: {
        'a demand on the caller': ruled({ name: 'staff', action: 'Require', principal: [admin] }),
        'an allowance for everyone': holding({ attribute: 'Anyone' }),
      },
      refused: {
        'an allowance without caller': ruled({ ...allow, principal: undefined }),
        'a demand on nothing': ruled({ name: 'staff', action: 'Require' }),
      },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.authorization.rules[].methods', message: '"*" stands alone' },
    {
      accepted: { 'any method': ruled({ ...allow, methods: ['*'] }) },
      refused: { 'any method and one': ruled({ ...allow, methods: ['GET', '*'] }) },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    {
      at: 'spec.authorization.rules[].principal[]',
      message: 'path is required with attribute Claim, and only then',
    },
    {
      accepted: { 'a claim': holding({ attribute: 'Claim', path: ['realm', 'team'], anyOf: ['a'] }) },
      refused: {
        'a condition on a claim without path': holding({ attribute: 'Claim', anyOf: ['a'] }),
        'a condition on a role with path': holding({ ...admin, path: ['roles'] }),
      },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    {
      at: 'spec.authorization.rules[].principal[]',
      message: 'exactly one of anyOf and allOf is required, but neither with Authenticated and Anyone',
    },
    {
      accepted: {
        'all scopes': holding({ attribute: 'Scope', allOf: ['users:read', 'users:write'] }),
        'any verified caller': holding({ attribute: 'Authenticated' }),
      },
      refused: {
        'a role of nothing': holding({ attribute: 'Role' }),
        'a role twice': holding({ attribute: 'Role', anyOf: ['a'], allOf: ['b'] }),
        'everyone with a value': holding({ attribute: 'Anyone', anyOf: ['a'] }),
      },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    {
      at: 'spec.authorization.rules[].principal[]',
      message: 'a caller has one tenant and one provider; use anyOf',
    },
    {
      accepted: { 'one of two tenants': holding({ attribute: 'Tenant', anyOf: ['a', 'b'] }) },
      refused: {
        'two tenants at once': holding({ attribute: 'Tenant', allOf: ['a', 'b'] }),
        'two providers at once': holding({ attribute: 'Provider', allOf: ['a', 'b'] }),
      },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    {
      at: 'spec.authorization.rules[]',
      message: 'Allow has no mode; the mode of its policy is what tries it',
    },
    {
      accepted: {
        'a denial that is tried': ruled({ ...deny, mode: 'Shadow' }),
        'a demand that is tried': ruled({ name: 'staff', action: 'Require', principal: [admin], mode: 'Shadow' }),
      },
      refused: {
        'an allowance that is tried': ruled({ ...allow, mode: 'Shadow' }),
        'an allowance with a mode': ruled({ ...allow, mode: 'Enforce' }),
      },
    },
  ),
]
