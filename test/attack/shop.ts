import type {
  Access,
  AuthorizationRule,
  BackendAuth,
  IdentityHeader,
  Resource,
  ResourceSpec,
  Revocation,
} from '@gatehouse/contract'
import {
  addressesFrom,
  backendOf,
  forwardTo,
  installationResource,
  listenerResource,
  policyResource,
  ruleTo,
  upstreamResources,
  authorizationRule as rule,
} from '../support/resources.ts'
import { quota } from '../support/quota.ts'
import { quotaPolicies } from './quotaShop.ts'
import { partnerKeys } from './apiKeys.ts'
import { anonymous, named, partners, staff, tickets, visitors, widgets, workloads, young } from './providers.ts'

import { actions, guardedActions, refusedActions, unguardedAction } from './actionsShop.ts'
import { answerPolicies, backendProofs, provenPaths } from './answersShop.ts'
import { resilientPaths } from './resilienceShop.ts'
import { formPolicies, largestBody, orderForm } from './formsShop.ts'
import { sharedRoutes, sharingListeners } from './listenersShop.ts'
import { matchingRules } from './matchingShop.ts'
import { authorizationPaths, authorizationPolicies } from './authorizationShop.ts'

/** The shop under attack: one host, and for each class of attack a part of it that is worth attacking. */

type RuleSpec = ResourceSpec<'route'>['rules'][number]
type PolicySpec = ResourceSpec<'policy'>

export const host = 'api.shop.example'
/** A route of whose rules a data plane refuses every one. */
export const refusedRoute = 'refused'
export { audience, issuer } from './providers.ts'

/** Paths and what protects them. */
export const paths = {
  open: '/public',
  orders: '/orders',
  mixed: '/mixed',
  keys: '/keys',
  workloads: '/workloads',
  visits: '/visits',
  once: '/once',
  named: '/named',
} as const

const anyone = rule('anyone', 'Allow', { principal: [{ attribute: 'Anyone' }] })
const authenticated = rule('authenticated', 'Allow', { principal: [{ attribute: 'Authenticated' }] })

const identity: IdentityHeader[] = [
  { name: 'x-gatehouse-subject', from: { type: 'Subject' } },
  { name: 'x-gatehouse-roles', from: { type: 'Roles' } },
  { name: 'x-gatehouse-tenant', from: { type: 'Tenant' } },
]

/** Tenant acme only; readers read, admins also write; nobody deletes below /orders/locked. */
const ordersRules: AuthorizationRule[] = [
  rule('locked', 'Deny', { methods: ['DELETE'], paths: [{ type: 'PathPrefix', value: '/orders/locked' }] }),
  rule('own-tenant', 'Require', { principal: [{ attribute: 'Tenant', values: { anyOf: ['acme'] } }] }),
  rule('readers-read', 'Allow', {
    methods: ['GET'],
    principal: [{ attribute: 'Role', values: { anyOf: ['reader', 'admin'] } }],
  }),
  rule('admins-write', 'Allow', {
    methods: ['POST', 'DELETE'],
    principal: [{ attribute: 'Role', values: { anyOf: ['admin'] } }],
  }),
]

const listed = { list: 'shop/revoked', broken: false }
const answers = answerPolicies({ staff, partners, anonymous })
const quotas = quotaPolicies({ anyone, authenticated })
const forms = formPolicies({ providers: [anonymous], rules: [anyone] })

const policies: Readonly<Record<string, Partial<PolicySpec>>> = {
  open: { providers: [anonymous], rules: [anyone] },
  orders: { providers: [staff, partners], rules: ordersRules, identityHeaders: identity, revocations: listed },
  young: { providers: [young], rules: [authenticated] },
  once: { providers: [tickets], rules: [authenticated], identityHeaders: identity },
  'once-order': { providers: [tickets], rules: [authenticated], validation: orderForm },
  mixed: { providers: [staff, anonymous], rules: [anyone], identityHeaders: identity },
  visits: { providers: [visitors, widgets, anonymous], rules: [anyone], identityHeaders: identity },
  keys: { providers: [partners], rules: [authenticated], identityHeaders: identity, revocations: listed },
  workloads: { providers: [workloads, staff], rules: [authenticated], identityHeaders: identity },
  named: { providers: [named], rules: [authenticated], identityHeaders: identity },
  'broken-provider': { providers: [{ ...staff, broken: true }], rules: [authenticated] },
  'broken-deny': {
    providers: [anonymous],
    rules: [rule('broken', 'Deny', { methods: ['DELETE'], broken: true }), anyone],
  },
  'broken-revocations': {
    providers: [staff, anonymous],
    rules: [anyone],
    revocations: { ...listed, broken: true },
  },
  'broken-allow': { providers: [staff], rules: [{ ...authenticated, broken: true }] },
  'broken-quota': { providers: [anonymous], rules: [anyone], quotas: [quota(['IP'], { broken: true })] },
  ...quotas,
  ...answers,
  ...forms,
  ...authorizationPolicies,
}

const enforce = (policy: string): Access => {
  const attachment = { policy: `shop/${policy}`, level: 3 }
  return {
    type: 'Enforce',
    authentication: { ...attachment, use: [] },
    allow: attachment,
    identityHeaders: attachment,
    cors: policies[policy]?.cors ? [attachment] : [],
    policies: [attachment],
  }
}

const guarded = (name: string, policy: string, path: string, over: Partial<RuleSpec> = {}): RuleSpec =>
  ruleTo('web', {
    name,
    matches: [{ path: { type: 'PathPrefix', value: path }, methods: null, headers: [], queryParams: [] }],
    access: enforce(policy),
    ...over,
  })

const rules: RuleSpec[] = [
  guarded('open', 'open', paths.open),
  guarded('private', 'orders', '/public/private'),
  guarded('orders', 'orders', paths.orders),
  guarded('mixed', 'mixed', paths.mixed),
  guarded('keys', 'keys', paths.keys),
  guarded('workloads', 'workloads', paths.workloads),
  guarded('named', 'named', paths.named),
  guarded('unprotected', 'open', '/unprotected', { access: { type: 'Refuse', code: 'no-policy' } }),
  guarded('invalid', 'open', '/invalid', { access: { type: 'Refuse', code: 'config-invalid' } }),
  ...Object.keys(policies)
    .filter((name) => name.startsWith('broken-'))
    .map((name) => guarded(name, name, `/${name}`)),
  guarded('exact', 'orders', '/', {
    matches: [{ path: { type: 'Exact', value: '/exact' }, methods: ['GET'], headers: [], queryParams: [] }],
  }),
  guarded('versioned', 'open', '/versioned', {
    matches: [
      {
        path: { type: 'PathPrefix', value: '/versioned' },
        methods: null,
        headers: [{ name: 'x-version', type: 'Exact', value: '2' }],
        queryParams: [],
      },
    ],
  }),
]

/** Guarded parts of the open one, whose paths a backend may take for others. */
const writtenRules: RuleSpec[] = [
  guarded('matrix', 'orders', '/public/@matrix;v=1'),
  guarded('escaped', 'orders', '/public/%40private'),
]

const tokenRules: RuleSpec[] = [
  guarded('visits', 'visits', paths.visits),
  guarded('once', 'once', paths.once),
  guarded('once-too', 'once', '/once-too'),
  guarded('once-order', 'once-order', '/once-order'),
  guarded('young', 'young', '/young'),
  guarded('tried', 'open', '/tried', { shadow: enforce('orders') }),
  guarded('tried-open', 'orders', '/tried-open', { shadow: enforce('open') }),
]

const quotaRules: RuleSpec[] = Object.keys(policies)
  .filter((name) => name.startsWith('per-'))
  .map((name) => guarded(name, name, `/${name}`))

const toWeb = (auth: BackendAuth | null, maxStreamAge = 0): Extract<RuleSpec['action'], { type: 'Forward' }> => {
  const { timeouts, ...rest } = forwardTo('web')
  return { ...rest, backends: [backendOf('web', { auth })], timeouts: { ...timeouts, maxStreamAge } }
}

const answerRules: RuleSpec[] = [
  ...Object.keys(answers).map((name) => guarded(name, name, `/${name}`)),
  ...Object.entries(provenPaths).map(([name, auth]) => guarded(name, 'mixed', `/${name}`, { action: toWeb(auth) })),
  guarded('aging', 'mixed', '/aging', { action: toWeb(null, 2000) }),
]

const resilientRules: RuleSpec[] = Object.entries(resilientPaths).map(([name, action]) =>
  guarded(name, 'mixed', `/${name}`, { action: { ...toWeb(null), ...action } }),
)

const actionRules: RuleSpec[] = [
  ...Object.entries(actions).map(([name, action]) => guarded(name, 'mixed', `/${name}`, { action })),
  guarded('unguarded', 'open', '/unguarded', {
    access: { type: 'Refuse', code: 'no-policy' },
    action: unguardedAction,
  }),
]

const guardedRules = Object.entries(guardedActions).map(([name, [policy, action]]) =>
  guarded(name, policy, `/${name}`, { action }),
)

const refusedRules = Object.entries(refusedActions).map(([name, action]) =>
  guarded(name, name === 'writes-key' ? 'keys' : 'mixed', `/${name}`, { action }),
)

const formRules: RuleSpec[] = Object.keys(forms).map((name) =>
  guarded(name, name, `/${name}`, {
    ...(name === 'form-item' && {
      matches: [{ path: { type: 'Template', value: '/form-item/{id}' }, methods: null, headers: [], queryParams: [] }],
    }),
  }),
)
const authorizationRules: RuleSpec[] = Object.keys(authorizationPolicies).map((name) => {
  const path = authorizationPaths[name] ?? { type: 'PathPrefix', value: `/${name}` }
  return guarded(name, name, '/', { matches: [{ path, methods: null, headers: [], queryParams: [] }] })
})

const toldApart: RuleSpec[] = Object.entries(matchingRules).map(([name, { policy, matches }]) =>
  guarded(name, policy, '/', { matches }),
)

/** The same policies on another route. */
const otherQuotaRules: RuleSpec[] = ['per-ip', 'per-route'].map((name) => guarded(name, name, `/${name}-too`))

const listeners = ['http', 'front', 'https', 'required']

const route = (name: string, hostnames: string[], routeRules: RuleSpec[]): Resource => ({
  kind: 'route',
  name: `shop/${name}`,
  spec: {
    object: { namespace: 'shop', name },
    created: 0,
    listeners: [...listeners, 'strict'],
    hostnames,
    rules: routeRules,
    incomplete: false,
  },
})

/** Certificates and keys that only exist once the test has made them. */
export interface ShopSecrets {
  readonly now: number
  readonly publicKeys: ResourceSpec<'keySet'> & { readonly type: 'Inline' }
  readonly revoked: readonly Revocation[]
  readonly shopTls: ResourceSpec<'certificate'>
  readonly docsTls: ResourceSpec<'certificate'>
  /** All CAs whose client certificates the listeners verify, and the one that the policy trusts. */
  readonly clientAnchors: readonly string[]
  readonly workloadAnchor: string
}

const tlsListener = (mode: 'Request' | 'Require', name: string, address: string): Resource =>
  listenerResource(
    {
      address,
      protocol: 'HTTPS',
      plaintextCredentials: 'Refuse',
      tls: {
        certificates: ['shop/shop-tls', 'shop/docs-tls'],
        minVersion: 'TLS1_2',
        clientCertificate: { mode, trust: 'shop/clients' },
      },
    },
    name,
  )

/** @param web - where the backend listens */
export function shopResources(
  web: { readonly address: string; readonly port: number },
  secrets: ShopSecrets,
): Resource[] {
  return [
    installationResource({ maxBodySize: largestBody }),
    listenerResource(),
    // Listeners for every host have an address of their own.
    listenerResource({ address: '127.0.0.2', clientAddress: addressesFrom('127.0.0.0/8', '10.0.0.0/8') }, 'front'),
    listenerResource({ address: '127.0.0.3', plaintextCredentials: 'Refuse' }, 'strict'),
    ...sharingListeners,
    tlsListener('Request', 'https', '127.0.0.1'),
    tlsListener('Require', 'required', '127.0.0.2'),
    { kind: 'certificate', name: 'shop/shop-tls', spec: secrets.shopTls },
    { kind: 'certificate', name: 'shop/docs-tls', spec: secrets.docsTls },
    { kind: 'trust', name: 'shop/clients', spec: { anchors: [...secrets.clientAnchors] } },
    { kind: 'trust', name: 'shop/workload-ca', spec: { anchors: [secrets.workloadAnchor] } },
    { kind: 'keySet', name: 'shop/idp', spec: secrets.publicKeys },
    partnerKeys(secrets.now),
    { kind: 'revocations', name: 'shop/revoked', spec: { entries: [...secrets.revoked] } },
    ...Object.entries(policies).map(([name, over]) =>
      policyResource({ object: { namespace: 'shop', name }, ...over }, name),
    ),
    ...backendProofs,
    ...upstreamResources('web', [web]),
    route('shop', [host], rules),
    route('written', [host], writtenRules),
    route('tokens', [host], tokenRules),
    route('limited', [host], quotaRules.slice(0, 16)),
    route('limited-more', [host], quotaRules.slice(16)),
    route('authorized', [host], authorizationRules),
    route('limited-too', [host], otherQuotaRules),
    route('answers', [host], answerRules),
    route('resilience', [host], resilientRules),
    route('actions', [host], actionRules),
    route('actions-guarded', [host], guardedRules),
    route(refusedRoute, [host], refusedRules),
    route('forms', [host], formRules),
    route('told-apart', [host], toldApart),
    ...sharedRoutes((name, { policy, path }) => guarded(name, policy, path)),
    route('docs', ['docs.shop.example'], [guarded('docs', 'open', '/')]),
    route('wild', ['*.wild.example'], [guarded('wild', 'open', '/')]),
  ]
}
