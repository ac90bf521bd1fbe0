import { objectKey, type WorldObject } from '../world.ts'
import { allowsAnonymous, boundsOf, type Scope } from './bounds.ts'
import { couldClaimTheSame } from './claims.ts'
import { note, type Note } from './findings.ts'
import { widestFirst, type Level, type ReadHold } from './holds.ts'
import type { ProviderSpec } from './providerParts.ts'

/** The fields that say which providers are in force. */
export const choiceFields = ['/spec/authentication/use', '/spec/authentication/anyOf']

/** A provider that a policy lists. */
interface Entry {
  /** The policy that defines it. */
  readonly policy: WorldObject
  readonly level: Level
  readonly spec: ProviderSpec
}

/** The providers that a hold sets. */
export interface Choice {
  readonly hold: ReadHold
  /** Those of wider policies. */
  readonly used: readonly Entry[]
  /** All, also its own. */
  readonly entries: readonly Entry[]
  /** Why it cannot be in force; where it is to be, everything is refused (M7). */
  readonly faults: readonly Note[]
  /** What else there is to say about it. */
  readonly notes: readonly Note[]
}

/** What is said of a hold. */
export type Remark = readonly [ReadHold, Note]

/** Where a choice is judged. */
export interface ChoiceScope extends Scope {
  /** The namespace of the installation. */
  readonly platform: string
}

/** What a policy lets narrower ones choose. */
interface Limit {
  readonly policy: WorldObject
  /** The providers that it lets them choose from; null = any. */
  readonly providers: readonly Entry[] | null
  readonly anonymous: boolean
}

const isAnonymous = ({ spec }: Entry): boolean => spec.anonymous !== undefined
const sameEntry = (a: Entry, b: Entry): boolean => a.policy === b.policy && a.spec.name === b.spec.name

const setsProviders = ({ spec: { authentication } }: ReadHold): boolean =>
  authentication?.use !== undefined || authentication?.anyOf !== undefined

/** By policy, the widest of its holds on a rule. */
export type WidestHolds = ReadonlyMap<WorldObject, ReadHold>

/** A hold's own providers, at the widest level at which its policy holds the rule: that is where M5 believes them. */
function ownEntries({ policy, spec }: ReadHold, widest: WidestHolds): readonly Entry[] {
  const { level } = widest.get(policy)!
  return (spec.authentication?.anyOf ?? []).map((provider) => ({ policy, level, spec: provider }))
}

/** Where a provider that is used could claim what another one could (M3); its own are compared where it is made. */
const ambiguous = (used: readonly Entry[], entries: readonly Entry[]): readonly Note[] =>
  used
    .filter((one) =>
      entries.some(
        (other) =>
          !sameEntry(one, other) &&
          couldClaimTheSame({ spec: one.spec, anchors: null }, { spec: other.spec, anchors: null }),
      ),
    )
    .map(({ spec }) => note('PartiallyInvalid', 'AmbiguousProviders', `/spec/authentication/use (${spec.name})`))

/** @param wider - the choices in force at wider levels, the nearest first */
function choiceOf(hold: ReadHold, widest: WidestHolds, wider: readonly Choice[]): Choice {
  const defined = wider.flatMap((choice) => choice.entries.slice(choice.used.length))
  const find = (name: string) => defined.find(({ spec }) => spec.name === name)
  const names = hold.spec.authentication?.use ?? []
  const used = names.flatMap((name) => find(name) ?? [])
  const own = ownEntries(hold, widest)
  const unknown = names.flatMap((name, index) =>
    find(name) ? [] : [note('Accepted', 'ProviderNotFound', `/spec/authentication/use/${index}`)],
  )
  const taken = own.flatMap((entry, index) => {
    const other = find(entry.spec.name)
    // Two ways to be nobody cannot be taken for each other.
    if (!other || other.policy === entry.policy || (isAnonymous(other) && isAnonymous(entry))) return []
    const at = `/spec/authentication/anyOf/${index}/name (${objectKey(other.policy.meta)} has it)`
    return [note('Accepted', 'ProviderNameTaken', at)]
  })
  const entries = [...used, ...own]
  return { hold, used, entries, faults: [...unknown, ...taken], notes: ambiguous(used, entries) }
}

function exceeds({ entries }: Choice, { providers, anonymous }: Limit): boolean {
  return entries.some((entry) =>
    isAnonymous(entry) ? !anonymous : providers !== null && !providers.some((other) => sameEntry(entry, other)),
  )
}

/**
 * The limits that one level sets: those of all its policies apply, and of each kind one is enough.
 *
 * @param own - the providers in force at this level
 */
function limitsOf(holds: readonly ReadHold[], own: readonly Entry[], scope: ChoiceScope): readonly Limit[] {
  const bounding = holds.flatMap(({ policy, spec: { authentication } }) =>
    authentication ? [{ policy, bounds: boundsOf(authentication, policy.meta.namespace === scope.platform) }] : [],
  )
  const closing = bounding.find(({ bounds }) => bounds.providers === 'Own')
  const forbidding = bounding.find(({ bounds }) => !allowsAnonymous(bounds, scope))
  return [
    ...(closing ? [{ policy: closing.policy, providers: own, anonymous: true }] : []),
    ...(forbidding ? [{ policy: forbidding.policy, providers: null, anonymous: false }] : []),
  ]
}

/** Of one level: over authentication the one without anonymous wins, then the first in the order of precedence. */
const winnerOf = (choices: readonly Choice[]): Choice | undefined =>
  choices.find(({ entries }) => !entries.some(isAnonymous)) ?? choices[0]

const said = (choice: Choice, winner: Choice): readonly Remark[] => {
  if (choice === winner) return [...choice.faults, ...choice.notes].map((one) => [choice.hold, one] as const)
  const at = `/spec/authentication (${objectKey(winner.hold.policy.meta)} wins)`
  return [[choice.hold, note('Conflicted', 'Conflicted', at)]]
}

/** What one level makes of the choices of its holds. */
function levelOutcome(choices: readonly Choice[], limits: readonly Limit[]) {
  const remarks: Remark[] = []
  const within = choices.filter((choice) => {
    const limit = limits.find((one) => exceeds(choice, one))
    if (!limit) return true
    // What a policy sets at two levels is in force at the wider one already.
    if (limit.policy === choice.hold.policy) return false
    const at = `/spec/authentication (${objectKey(limit.policy.meta)} wins)`
    remarks.push([choice.hold, note('Overridden', 'BeyondBounds', at)])
    return false
  })
  const winner = winnerOf(within)
  if (winner) remarks.push(...within.flatMap((choice) => said(choice, winner)))
  return { winner, remarks }
}

/** Which providers are in force, and what there is to say about those that are not. */
export interface Judgement {
  /** null = no policy sets any. */
  readonly choice: Choice | null
  readonly remarks: readonly Remark[]
}

/**
 * Chooses the providers in force for a rule (M2): those of the narrowest policy that stays within the bounds of all
 * wider ones. One that goes beyond them is overridden as a whole, and what it defines nobody can use.
 *
 * @param holds - the widest level first, within it in the order of precedence
 */
export function judgementOf(holds: readonly ReadHold[], widest: WidestHolds, scope: ChoiceScope): Judgement {
  const remarks: Remark[] = []
  const inForce: Choice[] = []
  const limits: Limit[] = []
  for (const level of widestFirst) {
    const here = holds.filter((hold) => hold.level === level)
    const choices = here.filter(setsProviders).map((hold) => choiceOf(hold, widest, inForce))
    const outcome = levelOutcome(choices, limits)
    remarks.push(...outcome.remarks)
    if (outcome.winner) inForce.unshift(outcome.winner)
    limits.push(...limitsOf(here, inForce[0]?.entries ?? [], scope))
  }
  return { choice: inForce[0] ?? null, remarks }
}

/** Whether a choice asks for a credential: its providers are more than anonymous. */
export const asksForCredential = ({ entries }: Choice): boolean => !entries.every(isAnonymous)
