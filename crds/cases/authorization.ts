import { ruleCases, structureCases, type Case } from './case.ts'
import { ruled, admin, allow, denied, deny, denying, fromAddresses, holding, mtls } from './policy-parts.ts'

const { subjectAltNames } = mtls

/** The conditions of `unless` obey the same rules. */
const unlessConditions = (wrong: readonly (readonly [message: string, condition: object])[]): readonly Case[] =>
  wrong.flatMap(([message, condition]) =>
    ruleCases(
      'AccessPolicy',
      { at: 'spec.authorization.rules[].unless.principal[]', message },
      {
        accepted: { [`an exception where ${message}`]: denied({ principal: [admin] }) },
        refused: { [`an exception without: ${message}`]: denied({ principal: [condition] }) },
      },
    ),
  )

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
      message:
        'exactly one of anyOf and allOf is required, but neither with Authenticated, Anyone, TrustLevel and ClientCertificate',
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
        'a trust level with a value': holding({ attribute: 'TrustLevel', min: 1, anyOf: ['a'] }),
      },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    {
      at: 'spec.authorization.rules[].principal[]',
      message: 'a caller has one tenant, one plan and one provider; use anyOf',
    },
    {
      accepted: { 'one of two tenants': holding({ attribute: 'Tenant', anyOf: ['a', 'b'] }) },
      refused: {
        'two tenants at once': holding({ attribute: 'Tenant', allOf: ['a', 'b'] }),
        'two providers at once': holding({ attribute: 'Provider', allOf: ['a', 'b'] }),
        'two plans at once': holding({ attribute: 'Plan', allOf: ['a', 'b'] }),
      },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    {
      at: 'spec.authorization.rules[].principal[]',
      message: 'min is required with attribute TrustLevel, and only then',
    },
    {
      accepted: { 'a trust level': holding({ attribute: 'TrustLevel', min: 2 }) },
      refused: {
        'a trust level without min': holding({ attribute: 'TrustLevel' }),
        'a role with min': holding({ ...admin, min: 1 }),
      },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    {
      at: 'spec.authorization.rules[].principal[]',
      message: 'subjectAltNames is required with attribute ClientCertificate, and only then',
    },
    {
      accepted: { 'a certificate': holding({ attribute: 'ClientCertificate', subjectAltNames }) },
      refused: {
        'a certificate without name': holding({ attribute: 'ClientCertificate' }),
        'a role with a certificate name': holding({ ...admin, subjectAltNames }),
      },
    },
  ),
  ...unlessConditions([
    ['path is required with attribute Claim, and only then', { attribute: 'Claim', anyOf: ['a'] }],
    ['min is required with attribute TrustLevel, and only then', { attribute: 'TrustLevel' }],
    ['subjectAltNames is required with attribute ClientCertificate, and only then', { attribute: 'ClientCertificate' }],
    [
      'exactly one of anyOf and allOf is required, but neither with Authenticated, Anyone, TrustLevel and ClientCertificate',
      { attribute: 'Role' },
    ],
    ['a caller has one tenant, one plan and one provider; use anyOf', { attribute: 'Tenant', allOf: ['a', 'b'] }],
  ]),
  ...ruleCases(
    'AccessPolicy',
    {
      at: 'spec.authorization.rules[].unless',
      message: 'unless needs at least one of sourceCIDRs, principal and expression',
    },
    {
      accepted: {
        'a denial but from here': denied({ sourceCIDRs: ['203.0.113.0/24', '2001:db8::/32'] }),
        'a denial but to admins': denied({ principal: [admin] }),
        'a denial but over https': denied({ expression: "request.scheme == 'https'" }),
      },
      refused: { 'a denial unless nothing': denied({}) },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.authorization.rules[]', message: 'unless is for Deny only' },
    {
      accepted: { 'a denial but to whom is known': denied({ principal: [{ attribute: 'Authenticated' }] }) },
      refused: {
        'an allowance with an exception': ruled({ ...allow, unless: { principal: [admin] } }),
        'a demand with an exception': ruled({ ...allow, action: 'Require', unless: { principal: [admin] } }),
      },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.sourceIPs', message: 'sourceIPs needs at least one range' },
    {
      accepted: { 'an allowed range': fromAddresses({ allow: ['10.0.0.0/8'], deny: [] }) },
      refused: {
        'no addresses': fromAddresses({}),
        'empty lists of addresses': fromAddresses({ allow: [], deny: [] }),
      },
    },
  ),
  ...structureCases('AccessPolicy', {
    accepted: {
      'a group': holding({ attribute: 'Group', allOf: ['a', 'b'] }),
      'a plan': holding({ attribute: 'Plan', anyOf: ['gold'] }),
    },
    refused: {
      'a deny list from nowhere': denying({}),
      'a deny list of another namespace': denying({ configMapRef: { name: 'denied', namespace: 'other' } }),
      'a deny list in the policy': denying({ ips: ['192.0.2.1'] }),
      'an address without length': fromAddresses({ deny: ['192.0.2.1'] }),
      'an address twice': fromAddresses({ deny: ['192.0.2.0/24', '192.0.2.0/24'] }),
      'an address range out of bounds': fromAddresses({ allow: ['192.0.2.0/33'] }),
      'a negative trust level': holding({ attribute: 'TrustLevel', min: -1 }),
    },
  }),
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
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.authorization.rules[].paths[]', message: '{name} is for type Template only' },
    {
      accepted: {
        'a denial on a template': ruled({ ...deny, paths: [{ type: 'Template', value: '/orders/{tenant}/{id}' }] }),
      },
      refused: {
        'a denial on a parameter in a prefix': ruled({
          ...deny,
          paths: [{ type: 'PathPrefix', value: '/orders/{id}' }],
        }),
      },
    },
  ),
]
