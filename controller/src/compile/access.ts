import type { AccessPolicySpec, GatewayRouteSpec } from '@gatehouse/crds'
import type { Access, Attachment } from '@gatehouse/contract'
import { objectKey, type WorldObject } from '../world.ts'
import { note, type Note } from './findings.ts'
import type { Hold } from './targets.ts'

/** The level of a policy for a whole route and for one rule (the contract's `level`). */
const routeLevel = 3
const ruleLevel = 4

const maxPolicies = 64

type ReadHold = Hold & { readonly spec: AccessPolicySpec }

/** A field of which the narrowest wins (M2): who sets it, and who is preferred among equals beyond age. */
interface Contest {
  readonly field: string
  readonly sets: (spec: AccessPolicySpec) => boolean
  readonly preferred: (spec: AccessPolicySpec) => boolean
}

const indifferent = () => true

const authentication: Contest = {
  field: '/spec/authentication',
  sets: (spec) => spec.authentication !== undefined,
  preferred: (spec) => !spec.authentication?.anyOf.some(({ anonymous }) => anonymous !== undefined),
}

/** All Allow rules of a policy count as one field. */
const allow: Contest = {
  field: '/spec/authorization/rules',
  sets: (spec) => spec.authorization?.rules.some(({ action }) => action === 'Allow') ?? false,
  preferred: indifferent,
}

const identityHeaders: Contest = {
  field: '/spec/forward/identityHeaders',
  sets: (spec) => spec.forward?.identityHeaders !== undefined,
  preferred: indifferent,
}

const cors: Contest = {
  field: '/spec/cors',
  sets: (spec) => spec.cors !== undefined,
  preferred: indifferent,
}

const contests = [authentication, allow, identityHeaders, cors]

/** @param holds - of one level and target, in the order of precedence */
function winnerOf(contest: Contest, holds: readonly ReadHold[]): ReadHold | undefined {
  const setters = holds.filter(({ spec }) => contest.sets(spec))
  return setters.find(({ spec }) => contest.preferred(spec)) ?? setters[0]
}

/** Names a policy's hold among all holds on a route. */
export const holdKey = (policy: WorldObject, sectionName: string | null): string =>
  `${sectionName ?? ''}/${objectKey(policy.meta)}`

function conflictsOf(holds: readonly ReadHold[], into: Map<string, Note[]>): void {
  if (holds.length < 2) return
  for (const contest of contests) {
    const winner = winnerOf(contest, holds)
    for (const hold of holds) {
      if (!winner || hold === winner || !contest.sets(hold.spec)) continue
      const lost = note('Conflicted', 'Conflicted', `${contest.field} (${objectKey(winner.policy.meta)} wins)`)
      const key = holdKey(hold.policy, hold.sectionName)
      into.set(key, [...(into.get(key) ?? []), lost])
    }
  }
}

const refuse = (code: 'no-policy' | 'config-invalid'): Access => ({ type: 'Refuse', code })

const attachment = (hold: ReadHold): Attachment => ({
  policy: objectKey(hold.policy.meta),
  level: hold.sectionName === null ? routeLevel : ruleLevel,
})

/**
 * Who decides over one rule.
 *
 * @param wide - holds on the whole route
 * @param narrow - holds on this rule
 */
function ruleAccess(
  wide: readonly ReadHold[],
  narrow: readonly ReadHold[],
  headersAllowed: (policy: WorldObject) => boolean,
): Access {
  const narrowestOf = (contest: Contest) => winnerOf(contest, narrow) ?? winnerOf(contest, wide)
  const judge = narrowestOf(authentication)
  const allows = narrowestOf(allow)
  const headers = narrowestOf(identityHeaders)
  if (headers && !headersAllowed(headers.policy)) return refuse('config-invalid')
  if (!judge || !allows) return refuse('no-policy')
  const alsoNarrow = new Set(narrow.map(({ policy }) => policy))
  const all = [...wide.filter(({ policy }) => !alsoNarrow.has(policy)), ...narrow]
  if (all.length > maxPolicies) return refuse('config-invalid')
  return {
    type: 'Enforce',
    authentication: { ...attachment(judge), use: [] },
    allow: attachment(allows),
    identityHeaders: headers ? attachment(headers) : null,
    cors: [winnerOf(cors, narrow) ?? [], winnerOf(cors, wide) ?? []].flat().map(attachment),
    policies: all.map(attachment),
  }
}

/** Who decides over the rules of a route, and what there is to say about it. */
export interface RouteAccess {
  /** One for each rule, in order. */
  readonly access: readonly Access[]
  /** For the route: whether it is protected. */
  readonly notes: readonly Note[]
  /** For the policies: what each hold lost to another of the same level, by {@link holdKey}. */
  readonly conflicts: ReadonlyMap<string, readonly Note[]>
}

function protection(access: readonly Access[]): readonly Note[] {
  const places = (code: 'no-policy' | 'config-invalid') =>
    access.flatMap((one, index) => (one.type === 'Refuse' && one.code === code ? [`/spec/rules/${index}`] : []))
  const open = places('no-policy')
  const invalid = places('config-invalid')
  const notes = [
    ...(open.length > 0 ? [note('Protected', 'NoPolicy', ...open)] : []),
    ...(invalid.length > 0 ? [note('Protected', 'PolicyInvalid', ...invalid)] : []),
  ]
  return notes.length > 0 ? notes : [note('Protected', 'Protected')]
}

const isRead = (hold: Hold): hold is ReadHold => hold.spec !== null

/**
 * Merges the policies of a route (M1, M2, M7). A policy that cannot be read counts as there and broken, and one that
 * names a rule that does not exist refuses the whole route.
 */
export function accessOf(
  rules: GatewayRouteSpec['rules'],
  holds: readonly Hold[],
  headersAllowed: (policy: WorldObject) => boolean,
): RouteAccess {
  const conflicts = new Map<string, Note[]>()
  const names = new Set(rules.map(({ name }) => name))
  const wide = holds.filter(isRead).filter(({ sectionName }) => sectionName === null)
  conflictsOf(wide, conflicts)
  const ofRules = rules.map(({ name }) => holds.filter(({ sectionName }) => sectionName === name))
  ofRules.forEach((narrow) => conflictsOf(narrow.filter(isRead), conflicts))
  const refusesAll = holds.some(({ spec, sectionName }) =>
    sectionName === null ? spec === null : !names.has(sectionName),
  )
  const access = ofRules.map((narrow) =>
    refusesAll || !narrow.every(isRead) ? refuse('config-invalid') : ruleAccess(wide, narrow, headersAllowed),
  )
  return { access, notes: protection(access), conflicts }
}
