import type { AccessPolicySpec, GatewayRouteSpec } from '@gatehouse/crds'
import type { Access, Attachment } from '@gatehouse/contract'
import { objectKey, type WorldObject } from '../world.ts'
import {
  asksForCredential,
  choiceFields,
  judgementOf,
  type Choice,
  type ChoiceScope,
  type Remark,
  type WidestHolds,
} from './choices.ts'
import { note, type Note } from './findings.ts'
import { holdKey, isRead, widestFirst, type Hold, type ReadHold } from './holds.ts'
import { storedRates } from './quotas.ts'

const maxPolicies = 64
/**
 * Counters of the store that one request may ask: a store does one thing at a time, and a call of thousands of counters would
 * keep it from all other namespaces.
 */
const maxStoredRates = 128

/** A field of which the narrowest wins (M2): who sets it. Authentication has bounds beside, and is judged apart. */
interface Contest {
  readonly field: string
  readonly sets: (spec: AccessPolicySpec) => boolean
}

/** All Allow rules of a policy count as one field. */
const allow: Contest = {
  field: '/spec/authorization/rules',
  sets: (spec) => spec.authorization?.rules.some(({ action }) => action === 'Allow') ?? false,
}

const identityHeaders: Contest = {
  field: '/spec/forward/identityHeaders',
  sets: (spec) => spec.forward?.identityHeaders !== undefined,
}

const cors: Contest = {
  field: '/spec/cors',
  sets: (spec) => spec.cors !== undefined,
}

/** All fields of which the narrowest wins; Allow rules are a part of one that merges by action. */
export const narrowestFields = [...choiceFields, identityHeaders.field, cors.field]

/** Where policies are merged. */
export interface AccessScope extends ChoiceScope {
  readonly headersAllowed: (policy: WorldObject) => boolean
}

/**
 * The holds whose field wins at their level, the narrowest first: of those of one level the first in the order of
 * precedence.
 *
 * @param remarks - grows by what others of the same level lose
 */
function winnersOf({ field, sets }: Contest, holds: readonly ReadHold[], remarks: Remark[]): readonly ReadHold[] {
  const winners: ReadHold[] = []
  for (const level of widestFirst) {
    const [winner, ...others] = holds.filter((hold) => hold.level === level && sets(hold.spec))
    if (!winner) continue
    winners.unshift(winner)
    const lost = note('Conflicted', 'Conflicted', `${field} (${objectKey(winner.policy.meta)} wins)`)
    remarks.push(...others.map((hold) => [hold, lost] as const))
  }
  return winners
}

type Code = Extract<Access, { type: 'Refuse' }>['code']

/** Why a rule is refused, in the words of its route. */
const refusalReasons = ['NoPolicy', 'PolicyInvalid', 'TooManySharedRates'] as const
type RefusalReason = (typeof refusalReasons)[number]

const codeOf = (reason: RefusalReason): Code => (reason === 'NoPolicy' ? 'no-policy' : 'config-invalid')

/** Who decides over one rule. */
interface Decision {
  readonly access: Access
  /** Null = it is not refused. */
  readonly reason: RefusalReason | null
  /** `namespace/name` of the policy at fault; null = none. */
  readonly fault: string | null
  readonly asksForCredential: boolean
  readonly remarks: readonly Remark[]
}

const refusal = (reason: RefusalReason, policy: WorldObject | null, remarks: readonly Remark[] = []): Decision => ({
  access: { type: 'Refuse', code: codeOf(reason) },
  reason,
  fault: policy && objectKey(policy.meta),
  asksForCredential: false,
  remarks,
})

const attachment = ({ policy, level }: Pick<ReadHold, 'policy' | 'level'>): Attachment => ({
  policy: objectKey(policy.meta),
  level,
})

const providersOf = ({ hold, used }: Choice, widest: WidestHolds) => ({
  ...attachment(widest.get(hold.policy)!),
  use: used.map((one) => ({ ...attachment(one), provider: one.spec.name })),
})

/** Each policy once, at the widest level at which it holds the rule: what must pass there must pass everywhere. */
function widestHolds(holds: readonly ReadHold[]): WidestHolds {
  const widest = new Map<WorldObject, ReadHold>()
  for (const hold of holds) if (!widest.has(hold.policy)) widest.set(hold.policy, hold)
  return widest
}

/** @param holds - on one rule, the widest level first, within it in the order of precedence */
function decisionOver(holds: readonly Hold[], scope: AccessScope): Decision {
  const broken = holds.find((hold) => !isRead(hold))
  if (broken) return refusal('PolicyInvalid', broken.policy)
  const read = holds.filter(isRead)
  const widest = widestHolds(read)
  // Before anything that costs more the more there are.
  if (widest.size > maxPolicies) return refusal('PolicyInvalid', null)
  const stored = [...widest.values()].reduce((sum, { spec }) => sum + storedRates(spec.quotas ?? []), 0)
  if (stored > maxStoredRates) return refusal('TooManySharedRates', null)
  const { choice, remarks: judged } = judgementOf(read, widest, scope)
  const remarks = [...judged]
  const [allows] = winnersOf(allow, read, remarks)
  const [headers] = winnersOf(identityHeaders, read, remarks)
  const origins = winnersOf(cors, read, remarks)
  if (headers && !scope.headersAllowed(headers.policy)) return refusal('PolicyInvalid', headers.policy, remarks)
  if (choice && choice.faults.length > 0) return refusal('PolicyInvalid', choice.hold.policy, remarks)
  if (!choice || !allows) return refusal('NoPolicy', null, remarks)
  return {
    access: {
      type: 'Enforce',
      authentication: providersOf(choice, widest),
      allow: attachment(allows),
      identityHeaders: headers ? attachment(headers) : null,
      cors: origins.map(attachment),
      policies: [...widest.values()].map(attachment),
    },
    reason: null,
    fault: null,
    asksForCredential: asksForCredential(choice),
    remarks,
  }
}

/** Who decides over the rules of a route, and what there is to say about it. */
export interface RouteAccess {
  /** One for each rule, in order. */
  readonly access: readonly Access[]
  /** Whether each of them asks for a credential. */
  readonly asksForCredential: readonly boolean[]
  /** For the route: whether it is protected. */
  readonly notes: readonly Note[]
  /** For the policies: what there is to say about each hold, by {@link holdKey}. */
  readonly remarks: ReadonlyMap<string, readonly Note[]>
}

const refused = (decisions: readonly Decision[], wanted: RefusalReason): readonly string[] =>
  decisions.flatMap(({ reason, fault }, index) =>
    reason === wanted ? [`/spec/rules/${index}${fault === null ? '' : ` (${fault})`}`] : [],
  )

/** The policies that say who may call and what they may do. */
const deciders = (decisions: readonly Decision[]): readonly string[] =>
  decisions.flatMap(({ access }) =>
    access.type === 'Enforce' ? [access.authentication.policy, access.allow.policy] : [],
  )

function protection(decisions: readonly Decision[]): readonly Note[] {
  const notes = refusalReasons.flatMap((reason) => {
    const places = refused(decisions, reason)
    return places.length > 0 ? [note('Protected', reason, ...places)] : []
  })
  return notes.length > 0 ? notes : [note('Protected', 'Protected', ...deciders(decisions))]
}

function remarksOf(decisions: readonly Decision[]): ReadonlyMap<string, readonly Note[]> {
  const byHold = new Map<string, Set<Note>>()
  for (const [hold, one] of new Set(decisions.flatMap(({ remarks }) => remarks))) {
    const key = holdKey(hold)
    byHold.set(key, (byHold.get(key) ?? new Set()).add(one))
  }
  return new Map([...byHold].map(([key, notes]) => [key, [...notes]]))
}

/**
 * Merges the policies of a route (M1, M2, M7). A policy that cannot be read counts as there and broken, and one that
 * names a rule that does not exist refuses the whole route.
 *
 * @param holds - the widest level first, within it in the order of precedence
 */
export function accessOf(rules: GatewayRouteSpec['rules'], holds: readonly Hold[], scope: AccessScope): RouteAccess {
  const names = new Set(rules.map(({ name }) => name))
  const astray = holds.find(({ sectionName }) => sectionName !== null && !names.has(sectionName))
  const sections = new Set(holds.map(({ sectionName }) => sectionName))
  const wide = holds.filter(({ sectionName }) => sectionName === null)
  const ofWide = decisionOver(wide, scope)
  const decisions = rules.map(({ name }) => {
    if (astray) return refusal('PolicyInvalid', astray.policy)
    if (!sections.has(name)) return ofWide
    return decisionOver([...wide, ...holds.filter(({ sectionName }) => sectionName === name)], scope)
  })
  return {
    access: decisions.map(({ access }) => access),
    asksForCredential: decisions.map((one) => one.asksForCredential),
    notes: protection(decisions),
    remarks: remarksOf(decisions),
  }
}
