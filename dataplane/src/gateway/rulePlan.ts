import type {
  Access,
  Attachment,
  ProviderChoice,
  RefusedReason,
  RefusedResource,
  ResourceSpec,
} from '@gatehouse/contract'
import { templateOf, type PathTemplate } from '@gatehouse/language/template'
import { answerRules, type AnswerRules } from './answerRules.ts'
import type { Authenticator } from '../policy/authentication.ts'
import { compileAuthorization, type Authorization } from '../policy/authorization.ts'
import { allowedHeaders } from '../policy/allowedHeaders.ts'
import { forwardersOf, type Forwarder } from '../policy/credentialUse.ts'
import type { DeniedAddressCheck, DeniedCallerCheck } from '../policy/denyList.ts'
import type { HeaderPlan } from '../policy/identityHeaders.ts'
import type { Purpose } from '../policy/purpose.ts'
import type { AnomalyCheck } from '../policy/anomaly.ts'
import type { ConcurrencyCheck } from '../policy/concurrency.ts'
import { bothQuotas, hasQuotas, weighedOf, weightHeaders, type PhaseQuotas } from './counting.ts'
import type { PlacedValidation } from '../policy/validation.ts'
import type { SourceCheck } from '../policy/sourceAddresses.ts'
import type { ThrottleCheck } from '../policy/throttle.ts'
import type { CompiledAuthenticator } from './compileAuthenticator.ts'
import {
  anomaliesAt,
  deniedAddressesAt,
  deniedCallersAt,
  concurrencyAt,
  headersAt,
  providerThrottlesAt,
  quotasAt,
  revocationsAt,
  rulesAt,
  sourcesAt,
  throttlesAt,
  validationAt,
  type CompiledPolicy,
  type RevocationCheck,
} from './compilePolicy.ts'
import { actionPlan, type ActionMaking, type ActionPlan } from './actionPlan.ts'
import type { PlannedBody } from './gateway.ts'
import type { Destination } from './candidate.ts'
import { authenticatorName } from './providerChoice.ts'
import { sizeBound } from './validate.ts'

/** Everything that admission does for one rule, in flat lists. */
export interface EnforcedPlan {
  readonly type: 'Enforce'
  readonly authenticator: Authenticator
  /** The client addresses of every policy in force; all must pass. */
  readonly sources: readonly SourceCheck[]
  /** Who may not call, by every policy in force. */
  readonly deniedAddresses: readonly DeniedAddressCheck[]
  readonly deniedCallers: readonly DeniedCallerCheck[]
  /** Checked before the caller is known. */
  readonly requestQuotas: PhaseQuotas
  readonly principalQuotas: PhaseQuotas
  /** Of those, and of those that are only tried, the ones that answers say the weight of. */
  readonly weighed: PhaseQuotas
  /** How many requests of a key may run at once; every policy in force must have room. */
  readonly concurrency: readonly ConcurrencyCheck[]
  /** What is unusual, looked at before the caller is known. */
  readonly requestAnomalies: readonly AnomalyCheck[]
  readonly principalAnomalies: readonly AnomalyCheck[]
  /** Against guessed credentials; every policy in force counts, and must let the client try. */
  readonly throttles: readonly ThrottleCheck[]
  /** The same for what each provider claims. */
  readonly providerThrottles: readonly ThrottleCheck[]
  /** The revocations of every policy in force. */
  readonly revocations: readonly RevocationCheck[]
  readonly authorization: Authorization
  /** What the form of requests must be. */
  readonly validation: readonly PlacedValidation[]
  /** Bytes; Infinity = no bound of the policies. */
  readonly maxBodySize: number
  readonly bodies: readonly PlannedBody[]
  readonly identityHeaders: HeaderPlan | null
  readonly action: ActionPlan
  /** Who lets the credential go on to the backend; null = it does not. */
  readonly forwarders: readonly Forwarder[] | null
  /** Lower-case names of the only headers of the client that go on; null = all that M10 leaves. */
  readonly allowedHeaders: ReadonlySet<string> | null
  readonly answer: AnswerRules | null
}

/** A rule that answers the same to everybody. */
export interface RefusedPlan {
  readonly type: 'Refuse'
  readonly code: 'no-policy' | 'config-invalid'
  /** `namespace/name` of the policy at fault; null = none, or the route itself. */
  readonly policy: string | null
}

export type AccessPlan = EnforcedPlan | RefusedPlan

/** One rule of one route, ready to be executed. */
export interface RulePlan extends Destination {
  /** `namespace/name`. */
  readonly route: string
  readonly rule: string
  readonly access: AccessPlan
  /** What is evaluated beside it and only recorded (M9); null = nothing. */
  readonly shadow: AccessPlan | null
}

/** Finds what rules refer to. */
export interface PlanSources {
  policy(name: string, purpose: Purpose): CompiledPolicy | null
  authenticator(choice: ProviderChoice, purpose: Purpose): CompiledAuthenticator | null
  /** Whether an upstream of this name can be used. */
  upstream(name: string): boolean
  /** Lower-case names that only the gateway writes into requests. */
  readonly identityHeaders: readonly string[]
  report(refused: RefusedResource): void
}

type RouteSpec = ResourceSpec<'route'>
type RuleSpec = RouteSpec['rules'][number]
type Enforce = Extract<RuleSpec['access'], { type: 'Enforce' }>

const configInvalid = (policy: string | null = null): RefusedPlan => ({
  type: 'Refuse',
  code: 'config-invalid',
  policy,
})
const noPolicy: RefusedPlan = { type: 'Refuse', code: 'no-policy', policy: null }

/**
 * Makes one rule executable. Whatever cannot be resolved makes the rule refuse, never pass (M7).
 *
 * @param at - JSON pointer to the rule
 */
export function rulePlan(route: RouteSpec, rule: RuleSpec, at: string, sources: PlanSources): RulePlan {
  const { namespace, name } = route.object
  const placed = { namespace, route: `${namespace}/${name}`, rule: rule.name }
  const { action } = rule
  if (action.type === 'Refuse') return { ...placed, access: configInvalid(), shadow: null }
  const report = (field: string, reason: RefusedReason) =>
    sources.report({ resource: `route/${namespace}/${name}`, field: `${at}${field}`, reason })
  const acting: ActionMaking = {
    route,
    rule: { ...rule, action },
    identityHeaders: sources.identityHeaders,
    upstream: sources.upstream,
    report: (field, why) => report(`/action${field}`, why),
  }
  const making = { sources, acting, templates: templatesOf(rule) }
  const enforced = { ...making, purpose: 'Enforce', report: () => report('/access', missing) } as const
  const access = accessPlan(rule.access, enforced)
  if (rule.shadow === null) return { ...placed, access, shadow: null }
  const tried = { ...making, purpose: 'Shadow', report: () => report('/shadow', missing) } as const
  const shadow = accessPlan(rule.shadow, { ...tried, beside: rule.access })
  return { ...placed, access: weighingToo(access, shadow), shadow }
}

/** Answers say the weight of what is only tried, too, which has counters of its own (M9). */
const weighingToo = (access: AccessPlan, shadow: AccessPlan): AccessPlan =>
  access.type === 'Enforce' && shadow.type === 'Enforce' && hasQuotas(shadow.weighed)
    ? { ...access, weighed: bothQuotas(access.weighed, shadow.weighed) }
    : access

const missing = 'MissingReference'

const templatesOf = ({ matches }: RuleSpec): readonly PathTemplate[] =>
  matches.flatMap(({ path: { type, value } }) => (type === 'Template' ? [templateOf(value)] : []))

/** What a plan is made for, and with. */
interface Making {
  readonly purpose: Purpose
  readonly sources: PlanSources
  readonly acting: ActionMaking
  /** By which the rule matches. */
  readonly templates: readonly PathTemplate[]
  /** Tells of something that is not there. */
  readonly report: () => void
  /** What decides, for a plan that does not. */
  readonly beside?: Access
}

function accessPlan(access: Access, making: Making): AccessPlan {
  if (access.type === 'Refuse') return access.code === 'no-policy' ? noPolicy : configInvalid()
  const found = resolve(access, making)
  if ('missing' in found) {
    making.report()
    return configInvalid(found.missing)
  }
  const faulty = found.policies.find(
    ({ policy }) =>
      policy.brokenQuota !== null ||
      policy.sources === 'broken' ||
      policy.denied === 'broken' ||
      policy.validation?.broken === true,
  )?.policy
  if (faulty !== undefined) return configInvalid(faulty.name)
  const headers = found.identityHeaders
  if (headers !== null && headers.policy.foreignHeader !== null) return configInvalid(headers.policy.name)
  return enforced(found, making)
}

/** A policy and where it is attached. */
interface Attached {
  readonly policy: CompiledPolicy
  readonly level: number
}

interface Resolved {
  readonly authenticator: Authenticator
  readonly allow: Attached
  readonly identityHeaders: Attached | null
  readonly policies: readonly Attached[]
  readonly cors: readonly Attached[]
}

function resolve(access: Enforce, { sources, purpose, beside }: Making): Resolved | { readonly missing: string } {
  const attached = ({ policy: name, level }: Attachment): Attached | null => {
    const policy = sources.policy(name, purpose)
    return policy === null ? null : { policy, level }
  }
  const authenticator = sources.authenticator(access.authentication, authenticatorPurpose(access, purpose, beside))
  const allow = attached(access.allow)
  const headers = access.identityHeaders === null ? null : attached(access.identityHeaders)
  if (authenticator === null) return { missing: access.authentication.policy }
  if (allow === null) return { missing: access.allow.policy }
  if (headers === null && access.identityHeaders !== null) return { missing: access.identityHeaders.policy }
  const policies: Attached[] = []
  const cors: Attached[] = []
  for (const [attachments, list] of [
    [access.policies, policies],
    [access.cors, cors],
  ] as const) {
    for (const attachment of attachments) {
      const found = attached(attachment)
      if (found === null) return { missing: attachment.policy }
      list.push(found)
    }
  }
  return { authenticator: authenticator.authenticator, allow, identityHeaders: headers, policies, cors }
}

/** Providers that decide anyway judge once for both evaluations. @param beside - what decides, beside a plan that does not */
export const authenticatorPurpose = (access: Enforce, purpose: Purpose, beside: Access | undefined): Purpose =>
  beside?.type === 'Enforce' &&
  authenticatorName(beside.authentication, purpose) === authenticatorName(access.authentication, purpose)
    ? 'Enforce'
    : purpose

/** Of a policy that is enforced anyway, enforcement counts all but what is in Shadow. */
const countedBeside = ({ policy }: Attached, { beside }: Making): boolean =>
  beside?.type === 'Enforce' && beside.policies.some((one) => one.policy === policy.name)

function quotasOf(
  policies: readonly Attached[],
  which: { readonly afterAuthentication: boolean; readonly credentials: readonly string[] },
  making: Making,
): PhaseQuotas {
  const all = policies.map((one) =>
    quotasAt(one.policy, one.level, { ...which, onlyTried: countedBeside(one, making) }),
  )
  return { local: all.flatMap(({ local }) => local), shared: all.flatMap(({ shared }) => shared) }
}

const anomaliesOf = (all: readonly Attached[], afterAuthentication: boolean, making: Making): AnomalyCheck[] =>
  all.flatMap((one) => (countedBeside(one, making) ? [] : anomaliesAt(one.policy, one.level, afterAuthentication)))

function enforced(found: Resolved, making: Making): AccessPlan {
  const { authenticator, allow, identityHeaders, policies, cors } = found
  const hasProviders = authenticator.anonymous || authenticator.asksForCredential
  const hasAllow = allow.policy.spec.rules.some(({ action }) => action === 'Allow')
  if (!hasProviders || !hasAllow) return noPolicy
  const distinct = policies.filter(({ policy }, index) => policies.findIndex((one) => one.policy === policy) === index)
  const credentials = authenticator.places.headers
  const requestQuotas = quotasOf(distinct, { afterAuthentication: false, credentials }, making)
  const principalQuotas = quotasOf(distinct, { afterAuthentication: true, credentials }, making)
  const weighed = weighedOf(bothQuotas(requestQuotas, principalQuotas))
  const weights = making.purpose === 'Shadow' ? [] : weightHeaders(weighed)
  const action = actionPlan(making.acting, { credentials, weights })
  if (action === null) return configInvalid()
  const validation = distinct.flatMap(({ policy, level }) => validationAt(policy, level))
  return {
    type: 'Enforce',
    authenticator,
    validation,
    maxBodySize: sizeBound(validation),
    bodies: validation.flatMap(({ body, policy, level }) => (body === null ? [] : [{ ...body, policy, level }])),
    sources: distinct.flatMap(({ policy, level }) => sourcesAt(policy, level)),
    deniedAddresses: distinct.flatMap(({ policy, level }) => deniedAddressesAt(policy, level)),
    deniedCallers: distinct.flatMap(({ policy, level }) => deniedCallersAt(policy, level)),
    requestQuotas,
    principalQuotas,
    weighed,
    concurrency: distinct.flatMap((one) => (countedBeside(one, making) ? [] : concurrencyAt(one.policy, one.level))),
    requestAnomalies: anomaliesOf(distinct, false, making),
    principalAnomalies: anomaliesOf(distinct, true, making),
    throttles: distinct.flatMap(({ policy, level }) => throttlesAt(policy, level)),
    providerThrottles: distinct.flatMap(({ policy, level }) => providerThrottlesAt(policy, level)),
    revocations: distinct.flatMap(({ policy, level }) => revocationsAt(policy, level)),
    authorization: compileAuthorization(
      policies.map(({ policy, level }) => rulesAt(policy, level)),
      rulesAt(allow.policy, allow.level),
      making.templates,
    ),
    identityHeaders: identityHeaders === null ? null : headersAt(identityHeaders.policy, identityHeaders.level),
    action,
    forwarders: forwardersOf(
      policies.map(({ policy, level }) => ({ policy: policy.name, level, credential: policy.spec.credential })),
    ),
    allowedHeaders: allowedHeaders(policies.map(({ policy }) => policy.spec.requestHeaders)),
    answer: answerRules(
      cors.flatMap(({ policy }) => policy.spec.cors ?? []),
      policies.flatMap(({ policy }) => policy.spec.securityHeaders),
    ),
  }
}
