import type { AccessPolicySpec } from '@gatehouse/crds'
import { objectKey, type World, type WorldObject } from '../world.ts'
import { largestSnapshot } from './budget.ts'
import type { Installation } from './gatehouse.ts'
import { levels, type Hold } from './holds.ts'
import { issuersOf, noIssuers, type Issuers, type Registration } from './issuers.ts'
import type { CompileOptions, InstallationRef } from './options.ts'
import { parsedPolicy } from './parsed.ts'
import { madePolicy, type MadePolicy } from './policies.ts'
import { purseOf } from './purse.ts'
import type { References } from './references.ts'
import type { Sealed } from './seal.ts'
import { apiKeySecrets, selectionsOf, type MadeSelections } from './selections.ts'
import { revocationsOf, type KnownRevocations } from './revocations.ts'
import { denyListsOf, type KnownDenyLists } from './denyLists.ts'
import { isShadow } from './shadow.ts'
import { byPrecedence, targetRefsOf, type TargetRef } from './targets.ts'

/**
 * The policies of the installation's namespace that hold routes of other namespaces too: those that target the Gatehouse
 * or a Namespace. They are compiled once for all, and paid for from a purse of their own.
 */
export interface WidePolicies {
  /** In the order of precedence. */
  readonly policies: readonly WorldObject[]
  has(policy: WorldObject): boolean
  /** False for one that did not fit: it counts as there and broken (M7). */
  fits(policy: WorldObject): boolean
  /** Their holds on every route of a namespace: the widest level first, within it in the order of precedence. */
  holdsOn(namespace: string): readonly Hold[]
  /** What is registered for policies of a namespace. */
  issuersFor(namespace: string): Issuers
  readonly made: ReadonlyMap<WorldObject, MadePolicy>
  readonly resources: readonly Sealed[]
  /** What there was the time before a compilation, for the next. */
  readonly memory: WideMemory
}

interface WideMemory {
  readonly selections: MadeSelections
  readonly revocations: KnownRevocations
  readonly denyLists: KnownDenyLists
}

/** One whose targets cannot be read may speak of everything. */
const isWide = (policy: WorldObject, { name }: InstallationRef): boolean =>
  targetRefsOf(policy)?.some((ref) => ref.kind === 'Namespace' || (ref.kind === 'Gatehouse' && ref.name === name)) ??
  true

/** In the order of precedence. @param part - of the world, with the installation's namespace */
export const wideObjects = (part: World, ref: InstallationRef): readonly WorldObject[] =>
  [...part.AccessPolicy.values()].filter((policy) => isWide(policy, ref)).sort(byPrecedence)

/** The part of the largest snapshot that wide policies may take up. */
const share = 0.25

/** What wide policies are made from. */
export interface WideSources {
  readonly ref: InstallationRef
  readonly part: World
  readonly installation: Installation
  readonly references: References
  readonly options: CompileOptions
}

function madeOf(policies: readonly WorldObject[], sources: WideSources, before: WideMemory | null) {
  const { ref, part, installation, references, options } = sources
  const largest = (options.snapshotBytes ?? largestSnapshot) * share
  // Local policies of the same namespace make resources of their own from the same objects.
  const prefix = `${ref.namespace}/wide`
  const selections = selectionsOf(prefix, apiKeySecrets(ref.namespace, part), before?.selections ?? null)
  const revocations = revocationsOf(ref.namespace, references, before?.revocations ?? null, prefix)
  const denyLists = denyListsOf(ref.namespace, references, before?.denyLists ?? null, prefix)
  const policySources = {
    references,
    shelf: prefix,
    outbound: installation.outbound,
    selections,
    issuers: noIssuers,
    revocations,
    denyLists,
    folder: options.folder,
    identityHeaders: installation.identityHeaders,
    maxBodySize: installation.maxBodySize,
    quotaStore: installation.quotaStore,
    purse: purseOf(Math.min(installation.perNamespace.policyBytes, largest), 0),
  }
  const made = new Map<WorldObject, MadePolicy>()
  for (const policy of installation.listeners === null ? [] : policies) {
    const parsed = parsedPolicy(policy)
    if (parsed.ok) made.set(policy, madePolicy(policy, parsed.spec, policySources))
  }
  return { made, memory: { selections: selections.made, revocations: revocations.known, denyLists: denyLists.known } }
}

type Wide = Pick<WidePolicies, 'policies' | 'made'>

const specOf = (policy: WorldObject, { made }: Wide): AccessPolicySpec | null => {
  const parsed = parsedPolicy(policy)
  return parsed.ok && made.get(policy)?.fits === true ? parsed.spec : null
}

const isInstallation = (target: TargetRef, { name }: InstallationRef): boolean =>
  target.kind === 'Gatehouse' && target.name === name

function holdsOf(wide: Wide, ref: InstallationRef, namespace: string): readonly Hold[] {
  const holding = (targets: (target: TargetRef) => boolean, unknown: boolean) =>
    wide.policies.filter((policy) => targetRefsOf(policy)?.some(targets) ?? unknown)
  const hold = (level: Hold['level']) => (policy: WorldObject) => {
    return { policy, spec: specOf(policy, wide), level, sectionName: null }
  }
  const named = (target: TargetRef): boolean => target.kind === 'Namespace' && target.name === namespace
  return [
    ...holding((target) => isInstallation(target, ref), true).map(hold(levels.gatehouse)),
    ...holding(named, false).map(hold(levels.namedNamespace)),
  ]
}

function registrationsIn({ made }: Wide, holds: readonly Hold[]): readonly Registration[] {
  const registrars = new Set(holds.map(({ policy }) => policy).filter((policy) => !isShadow(policy)))
  return [...registrars].flatMap((policy) =>
    (made.get(policy)?.issuers ?? []).map((one) => ({ ...one, policy: objectKey(policy.meta) })),
  )
}

/** @param before - what there was the time before; null = nothing is known */
export function widePoliciesOf(
  policies: readonly WorldObject[],
  sources: WideSources,
  before: WideMemory | null,
): WidePolicies {
  const { made, memory } = madeOf(policies, sources, before)
  const all = new Set(policies)
  const holds = new Map<string, readonly Hold[]>()
  const holdsOn = (namespace: string): readonly Hold[] => {
    const known = holds.get(namespace) ?? holdsOf({ policies, made }, sources.ref, namespace)
    holds.set(namespace, known)
    return known
  }
  return {
    policies,
    has: (policy) => all.has(policy),
    fits: (policy) => !all.has(policy) || specOf(policy, { policies, made }) !== null,
    holdsOn,
    issuersFor: (namespace) => issuersOf(registrationsIn({ policies, made }, holdsOn(namespace))),
    made,
    resources: [...made.values()].flatMap((one) => one.resources),
    memory,
  }
}
