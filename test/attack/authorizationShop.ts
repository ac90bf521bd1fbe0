import type { ResourceSpec } from '@gatehouse/contract'
import { anonymous, staff } from './providers.ts'
import { authorizationRule as rule } from '../support/resources.ts'

/** The part of the shop whose rules are worth attacking: each policy guards a part of its own. */

type Policy = Partial<ResourceSpec<'policy'>>
type Path = ResourceSpec<'route'>['rules'][number]['matches'][number]['path']

const anyone = rule('anyone', 'Allow', { principal: [{ attribute: 'Anyone' }] })
const authenticated = rule('authenticated', 'Allow', { principal: [{ attribute: 'Authenticated' }] })

const { method } = staff
const trusting =
  method.type === 'Jwt'
    ? {
        ...staff,
        method: { ...method, map: { ...method.map, trustLevel: { claim: ['acr'], values: { one: 1, two: 2 } } } },
      }
    : staff

export const authorizationPolicies: Readonly<Record<string, Policy>> = {
  tenants: {
    providers: [staff],
    rules: [
      rule('own', 'Allow', {
        principal: [{ attribute: 'Authenticated' }],
        expression: 'principal.tenant == request.pathParams.tenant',
      }),
    ],
  },
  moods: {
    providers: [anonymous],
    rules: [
      rule('evil', 'Deny', { expression: '"x-mood" in request.headers && request.headers["x-mood"] == "evil"' }),
      rule('debug', 'Deny', { expression: 'has(request.query.mode) && request.query.mode == "debug"' }),
      rule('admin', 'Deny', { expression: 'request.path == "/moods/admin"' }),
      rule('secret', 'Deny', { paths: [{ type: 'Template', value: '/moods/{name}/secret' }] }),
      anyone,
    ],
  },
  credentials: {
    providers: [staff, anonymous],
    rules: [
      rule('with-token', 'Allow', {
        principal: [{ attribute: 'Anyone' }],
        expression: '"authorization" in request.headers',
      }),
    ],
  },
  sources: {
    providers: [anonymous],
    rules: [anyone],
    sourceIPs: { allow: [], deny: ['203.0.113.0/24'], broken: false },
  },
  'unsound-sources': { providers: [anonymous], rules: [anyone], sourceIPs: { allow: [], deny: [], broken: true } },
  'unsound-expression': {
    providers: [anonymous],
    rules: [rule('broken', 'Deny', { methods: ['DELETE'], expression: 'request.nothing' }), anyone],
  },
  trust: {
    providers: [trusting],
    rules: [rule('two', 'Require', { principal: [{ attribute: 'TrustLevel', min: 2 }] }), authenticated],
  },
  versioned: { providers: [anonymous], rules: [anyone] },
  thousand: { providers: [anonymous], rules: [anyone] },
  outside: {
    providers: [anonymous],
    rules: [
      rule('inside', 'Deny', { unless: { sourceCIDRs: ['10.0.0.0/8'], principal: null, expression: null } }),
      anyone,
    ],
  },
}

/** Where the routes of these policies differ from a prefix of their name. */
export const authorizationPaths: Readonly<Record<string, Path>> = {
  tenants: { type: 'Template', value: '/tenants/{tenant}/{id}' },
  moods: { type: 'RegularExpression', value: '/moods(/[^/]+)*' },
  versioned: { type: 'RegularExpression', value: '/versioned/[^/]*;v=1/x*' },
  // The shortest, and so the last: what it costs is its instructions for each character.
  thousand: { type: 'RegularExpression', value: '/.{999}' },
}
