import type { AccessPolicySpec } from '@gatehouse/crds'
import type { Concurrency, IdentityHeader, Resource, ResourceSpec } from '@gatehouse/contract'
import type { DividedLimit } from './verdict.ts'
import type { WorldObject } from '../world.ts'
import { anomalyOf } from './anomalies.ts'
import { authorizationRule, faultsOf, patternsOf } from './authorizationRules.ts'
import type { DenyLists } from './denyLists.ts'
import { frameBytes, regexBytes } from './budget.ts'
import { corsOf } from './cors.ts'
import { milliseconds } from './durations.ts'
import type { Expiry } from './expiry.ts'
import { note, type Note } from './findings.ts'
import type { IssuerKeys } from './issuers.ts'
import { memoised } from './memo.ts'
import type { ProviderSources } from './providerParts.ts'
import { providersOf } from './providers.ts'
import type { Purse } from './purse.ts'
import { dividedQuotas, quotaFaults, quotaOf, storelessQuotas, withStore } from './quotas.ts'
import { sealOnce, type Sealed } from './seal.ts'
import { securityHeadersOf } from './securityHeaders.ts'
import { triesParts } from './shadow.ts'
import { validationOf, type ValidationSources } from './validation.ts'
import { sourceIPsOf } from './sourceIPs.ts'

type PolicyContent = ResourceSpec<'policy'>
type HeaderSpec = NonNullable<NonNullable<AccessPolicySpec['forward']>['identityHeaders']>[number]

const concurrencyOf = (spec: AccessPolicySpec['concurrency']): Concurrency | null =>
  spec === undefined ? null : { keys: spec.keys.map(({ type }) => type), limit: spec.limit }

const dividedIn = ({ concurrency, quotas = [] }: AccessPolicySpec): readonly DividedLimit[] => [
  ...dividedQuotas(quotas),
  ...(concurrency === undefined ? [] : [{ limit: concurrency.limit, at: '/spec/concurrency/limit' }]),
]

const headerOf = ({ name, from, path }: HeaderSpec): IdentityHeader => ({
  name: name.toLowerCase(),
  from: from === 'Claim' ? { type: from, path: path ?? [] } : { type: from },
})

/** What is in Shadow is kept apart, so that nothing that decides can look at it by mistake. */
const inForce = <T extends { readonly mode?: 'Enforce' | 'Shadow' | undefined }>(items: readonly T[]): readonly T[] =>
  items.filter(({ mode }) => mode !== 'Shadow')

function shadowOf(spec: AccessPolicySpec): PolicyContent['shadow'] {
  if (!triesParts(spec)) return null
  const rules = spec.authorization?.rules ?? []
  const quotas = (spec.quotas ?? []).filter(({ mode }) => mode === 'Shadow')
  return { rules: rules.map(authorizationRule), quotas: quotas.map(quotaOf) }
}

const lowerCase = (names: readonly string[] | undefined): string[] | null =>
  names === undefined ? null : [...new Set(names.map((one) => one.toLowerCase()))]

type ThrottleSpec = NonNullable<NonNullable<AccessPolicySpec['authentication']>['failureThrottle']>

const limitsOf = ({ limit, window, blockFor }: Omit<ThrottleSpec, 'perProvider'>) => ({
  limit,
  window: milliseconds(window),
  blockFor: milliseconds(blockFor),
})

const throttleOf = (throttle: ThrottleSpec | undefined): PolicyContent['failureThrottle'] =>
  throttle ? { ...limitsOf(throttle), perProvider: throttle.perProvider ? limitsOf(throttle.perProvider) : null } : null

/** What of a policy depends on nothing but its text; made once for each version of it. */
const ownParts = memoised((spec: AccessPolicySpec) => ({
  rules: inForce(spec.authorization?.rules ?? []).map(authorizationRule),
  addresses: sourceIPsOf(spec.sourceIPs),
  faults: [...faultsOf(spec.authorization?.rules ?? []), ...quotaFaults(spec.quotas ?? [])],
  ruleBytes: regexBytes(patternsOf(spec.authorization?.rules ?? [])),
  quotas: inForce(spec.quotas ?? []).map(quotaOf),
  concurrency: concurrencyOf(spec.concurrency),
  divided: dividedIn(spec),
  shadow: shadowOf(spec),
  headers: (spec.forward?.identityHeaders ?? []).map(headerOf),
  credential: spec.forward?.credential ?? null,
  requestHeaders: lowerCase(spec.forward?.requestHeaders?.allow),
  failureThrottle: throttleOf(spec.authentication?.failureThrottle),
  answers: { cors: spec.cors ? corsOf(spec.cors) : null, securityHeaders: securityHeadersOf(spec.securityHeaders) },
}))

/** A policy made executable. */
export interface MadePolicy {
  /** The `policy` resource first, then those that it names; none when it does not fit. */
  readonly resources: readonly Sealed[]
  readonly notes: readonly Note[]
  /** False when its namespace has no bytes left for it: it counts as there and broken (M7). */
  readonly fits: boolean
  /** False when it sets a header that the installation does not strip: a client could then set it (M10). */
  readonly headersAllowed: boolean
  /** The issuers that its providers name. */
  readonly issuers: readonly IssuerKeys[]
  /** When its API keys end. */
  readonly expiries: readonly Expiry[]
  /** Limits of which each data plane takes its share. */
  readonly divided: readonly DividedLimit[]
}

/** What policies are made from beside their own text. */
export interface PolicySources extends ProviderSources, ValidationSources {
  readonly denyLists: DenyLists
  /** The headers that the installation strips. */
  readonly identityHeaders: ReadonlySet<string>
  /** What the namespace may still spend on policies. */
  readonly purse: Purse
}

/** Pointers to the identity headers that the installation does not strip. */
const foreignHeaders = (headers: readonly IdentityHeader[], stripped: ReadonlySet<string>): readonly string[] =>
  headers.flatMap(({ name }, index) => (stripped.has(name) ? [] : [`/spec/forward/identityHeaders/${index}/name`]))

export function madePolicy(policy: WorldObject, spec: AccessPolicySpec, sources: PolicySources): MadePolicy {
  const { namespace, name } = policy.meta
  const { identityHeaders, purse } = sources
  const parts = ownParts(spec)
  const { credential, requestHeaders, failureThrottle, rules, addresses, quotas, headers, answers, shadow } = parts
  const before = purse.mark()
  const revoked = sources.revocations.of(spec.authentication, purse)
  const denied = sources.denyLists.of(spec, purse)
  const made = providersOf(spec.authentication?.anyOf ?? [], { policy, purse }, sources)
  const unusual = anomalyOf(spec.anomaly, namespace, sources.outbound)
  const form = validationOf(spec.validation, namespace, sources)
  const foreign = foreignHeaders(headers, identityHeaders)
  const resource: Resource = {
    kind: 'policy',
    name: `${namespace}/${name}`,
    spec: {
      object: { namespace, name },
      providers: [...made.providers],
      failureThrottle,
      revocations: revoked.revocations,
      rules,
      sourceIPs: addresses.sourceIPs,
      denyList: denied.denyList,
      quotas: withStore(quotas, sources.quotaStore),
      concurrency: parts.concurrency,
      anomaly: unusual.anomaly,
      validation: form.validation,
      identityHeaders: headers.filter((header) => identityHeaders.has(header.name)),
      credential,
      requestHeaders,
      ...answers,
      shadow,
    },
  }
  const own = sealOnce(policy, resource)
  const fits = purse.pay(
    own.bytes +
      parts.ruleBytes +
      form.regexBytes +
      made.resources.reduce((sum, { resource: { name: one } }) => sum + frameBytes(one), 0),
  )
  if (!fits) purse.undo(before)
  return {
    resources: fits ? [own, ...made.resources, ...revoked.resources, ...denied.resources] : [],
    fits,
    notes: [
      ...made.notes,
      ...form.notes,
      ...storelessQuotas(spec.quotas ?? [], sources.quotaStore),
      ...[revoked, denied, unusual].flatMap(({ notes }) => notes),
      ...parts.faults,
      ...addresses.notes,
      ...(foreign.length > 0 ? [note('PartiallyInvalid', 'HeaderNotAllowed', ...foreign)] : []),
    ],
    headersAllowed: foreign.length === 0,
    issuers: made.issuers,
    expiries: fits ? made.expiries : [],
    divided: fits ? parts.divided : [],
  }
}
