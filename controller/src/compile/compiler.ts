import type { World } from '../world.ts'
import { assembled, nothingAssembled, reassembled, type Assembly } from './assembly.ts'
import { fairLevel, largestSnapshot } from './budget.ts'
import { byText } from './byKey.ts'
import { installationOf } from './gatehouse.ts'
import { gatehouseVerdict } from './gatehouseVerdict.ts'
import type { Referrer } from './grants.ts'
import { sameJson } from './memo.ts'
import { namespaceResult, settled, withEndpoints, type NamespaceResult, type Surroundings } from './namespace.ts'
import { sameOptions, type CompileOptions, type InstallationRef } from './options.ts'
import { partsOf } from './parts.ts'
import { referencesOf } from './references.ts'
import { sortedSealed, type Sealed } from './seal.ts'
import { changedServices } from './services.ts'
import { sameItems, settledVerdicts, type NextCompilation, type Verdict } from './verdict.ts'
import { viewIn, viewsOf, type Views } from './views.ts'
import { wideObjects, widePoliciesOf } from './widePolicies.ts'
import { wideVerdicts } from './wideVerdicts.ts'

/** Compiles worlds of one installation, each from what it remembers of the one before. */
export interface Compiler {
  /**
   * Compiles the world: what data planes execute, and what is to be said about each of its objects. Synchronous; it never
   * throws, and one bad object costs only its own unit (M7). Equal worlds come to equal results in whatever order their
   * maps are and whatever was compiled before; what is remembered only saves time: a change costs what its namespace costs.
   * One thing is remembered for more than time: a list of revocations that can no longer be read stays in force.
   *
   * @returns what changed since the last call, or everything; verdicts by kind, namespace and name; routes and policies
   *   that do not concern this installation have a verdict without parents
   */
  compile(world: World, options: CompileOptions): NextCompilation
}

/** Of one namespace. */
interface Known {
  readonly namespace: string
  readonly part: World
  /** What it would come to if it were alone. */
  readonly whole: NamespaceResult
  /** What it comes to among the others. */
  readonly cut: NamespaceResult
  readonly level: number
}

interface State {
  readonly parts: Views
  readonly surroundings: Surroundings
  readonly own: readonly Sealed[]
  /** Sorted by namespace. */
  readonly namespaces: ReadonlyMap<string, Known>
  readonly assembly: Assembly
  /** Of the Gatehouse. */
  readonly verdict: Verdict | null
  /** Of wide policies, sorted by name. */
  readonly wide: readonly Verdict[]
  readonly verdicts: readonly Verdict[]
}

type Made = Pick<State, 'parts' | 'surroundings' | 'own' | 'namespaces'>

function surroundingsOf(
  ref: InstallationRef,
  parts: Views,
  options: CompileOptions,
  before: State | null,
): Surroundings {
  const part = viewIn(parts, ref.namespace)
  if (before) {
    const earlier = viewIn(before.parts, ref.namespace)
    const wideBefore = before.surroundings.wide.policies
    const same = (['Gatehouse', 'Secret', 'ConfigMap', 'ReferenceGrant', 'watched'] as const).every(
      (kind) => part[kind] === earlier[kind],
    )
    const sameWide = part.AccessPolicy === earlier.AccessPolicy || sameItems(wideObjects(part, ref), wideBefore)
    if (same && sameWide && sameOptions(before.surroundings.options, options)) return before.surroundings
  }
  const referencesFrom = (kind: Referrer['kind']) =>
    referencesOf(part, { kind, namespace: ref.namespace }, options.folder ? 'NotInFolder' : 'RefNotFound')
  const installation = installationOf(part, ref, referencesFrom('Gatehouse'), options)
  const sources = { ref, part, installation, references: referencesFrom('AccessPolicy'), options }
  const wide = widePoliciesOf(wideObjects(part, ref), sources, before?.surroundings.wide.memory ?? null)
  return { ref, installation, options, wide }
}

/** What a namespace would come to alone when nothing but endpoints changed; null when that is not so. */
function movedFrom({ part: before, whole }: Known, part: World): NamespaceResult | null {
  const { EndpointSlice: slices, ...others } = before
  const same = (Object.keys(others) as (keyof typeof others)[]).every((kind) => part[kind] === before[kind])
  return same ? withEndpoints(whole, part, changedServices(slices, part.EndpointSlice)) : null
}

/** Each namespace as it would be alone. */
function alone(parts: Views, surroundings: Surroundings, before: State | null): ReadonlyMap<string, Known> {
  const names = [...parts.byNamespace.keys()].sort((a, b) => byText(`${a}/`, `${b}/`))
  const same = before?.surroundings === surroundings
  return new Map(
    names.map((name) => {
      const part = parts.byNamespace.get(name)!
      const known = before?.namespaces.get(name)
      if (same && known?.part === part) return [name, known]
      const tenant = { namespace: name, part, before: known?.whole ?? null }
      const whole = (same && known && movedFrom(known, part)) || namespaceResult(tenant, surroundings, Infinity)
      return [name, { namespace: name, part, whole, cut: whole, level: Infinity }]
    }),
  )
}

/** To which level namespaces are cut, and whether there is less than all of them together ask for. */
function levelOf(namespaces: ReadonlyMap<string, Known>, own: number, largest: number) {
  const results = [...namespaces.values()].map(({ whole }) => whole)
  const crowded = results.reduce((sum, { spent }) => sum + spent, own) > largest
  const demands = results.flatMap((result) => result.demands)
  return { crowded, level: crowded ? fairLevel(demands, largest - own) : Infinity }
}

/** A namespace that wants no more than the level is as it would be alone. */
function cutTo(level: number, known: Known, surroundings: Surroundings, before: Known | undefined): Known {
  if (known.level === level && known === before) return known
  const { namespace, part, whole } = known
  const fits = whole.demands.every((demand) => demand <= level)
  const made = fits ? whole : namespaceResult({ namespace, part, before: whole }, surroundings, level)
  const cut = before ? settled(made, before.cut) : made
  return { namespace, part, whole: fits ? cut : whole, level, cut }
}

const nothing: readonly Sealed[] = []
const noVerdicts: readonly Verdict[] = []

function assemblyOf({ own, namespaces }: Made, before: State | null): Assembly {
  if (before && !before.assembly.clashes) {
    const names = new Set([...before.namespaces.keys(), ...namespaces.keys()])
    const changes = [
      { before: before.own, after: own },
      ...[...names].map((name) => ({
        before: before.namespaces.get(name)?.cut.resources ?? nothing,
        after: namespaces.get(name)?.cut.resources ?? nothing,
      })),
    ]
    const made = reassembled(
      before.assembly,
      changes.filter((change) => change.before !== change.after),
    )
    if (made) return made
  }
  const sources = [own, ...[...namespaces.values()].map(({ cut }) => cut.resources)]
  return assembled(sources, before?.assembly ?? nothingAssembled)
}

function ownVerdict({ surroundings, namespaces }: Made, crowded: boolean, before: State | null): Verdict | null {
  const { installation } = surroundings
  if (!installation.object) return null
  const counts = [...namespaces.values()].map(({ cut }) => cut.attached)
  const attached = (listener: string): number => counts.reduce((sum, one) => sum + (one.get(listener) ?? 0), 0)
  const verdict = gatehouseVerdict(installation.object, installation, { attached, crowded })
  return sameJson(before?.verdict, verdict) ? before!.verdict : verdict
}

function wideOf({ parts, surroundings, namespaces }: Made, before: State | null): readonly Verdict[] {
  const { ref, wide, installation, options } = surroundings
  if (wide.policies.length === 0) return noVerdicts
  const verdicts = wideVerdicts({
    ref,
    wide,
    open: installation.listeners !== null,
    folder: options.folder,
    hasGatehouse: (name) => parts.whole.Gatehouse.has(`${ref.namespace}/${name}`),
    shares: new Map([...namespaces].map(([name, { cut }]) => [name, cut.wide])),
  })
  return settledVerdicts(verdicts, before?.wide ?? noVerdicts)
}

const byName = (a: Verdict, b: Verdict): number => byText(a.name, b.name)

/** By kind, namespace and name; the list of before when it is the same. */
function verdictsOf(
  { surroundings, namespaces }: Made,
  { verdict, wide }: Pick<State, 'verdict' | 'wide'>,
  before: State | null,
): readonly Verdict[] {
  const listsOf = (all: ReadonlyMap<string, Known>, kind: 'policies' | 'routes') =>
    [...all.values()].map(({ cut }) => cut[kind])
  const same = (kind: 'policies' | 'routes'): boolean =>
    before !== null && sameItems(listsOf(namespaces, kind), listsOf(before.namespaces, kind))
  const sameOthers = before?.verdict === verdict && before.wide === wide
  if (before && sameOthers && same('policies') && same('routes')) return before.verdicts
  const home = surroundings.ref.namespace
  return [
    ...[...namespaces].flatMap(([name, { cut }]) =>
      name === home ? [...cut.policies, ...wide].sort(byName) : cut.policies,
    ),
    ...(verdict ? [verdict] : []),
    ...listsOf(namespaces, 'routes').flat(),
  ]
}

function next(ref: InstallationRef, world: World, options: CompileOptions, before: State | null): State {
  const parts = viewsOf(partsOf(world, before?.parts.parts ?? null), before?.parts ?? null)
  const surroundings = surroundingsOf(ref, parts, options, before)
  const { installation } = surroundings
  const own =
    surroundings === before?.surroundings
      ? before.own
      : sortedSealed([...installation.resources, ...surroundings.wide.resources])
  const whole = alone(parts, surroundings, before)
  const ownBytes = own.reduce((sum, { bytes }) => sum + bytes, 0)
  const { crowded, level } = levelOf(whole, ownBytes, options.snapshotBytes ?? largestSnapshot)
  const namespaces = new Map(
    [...whole].map(([name, known]) => [name, cutTo(level, known, surroundings, before?.namespaces.get(name))]),
  )
  const made = { parts, surroundings, own, namespaces }
  const verdict = ownVerdict(made, crowded, before)
  const wide = wideOf(made, before)
  const verdicts = verdictsOf(made, { verdict, wide }, before)
  return { ...made, assembly: assemblyOf(made, before), verdict, wide, verdicts }
}

/** @param installation - the Gatehouse that is compiled for */
export function createCompiler(installation: InstallationRef): Compiler {
  let state: State | null = null
  return {
    compile: (world, options) => {
      state = next(installation, world, options, state)
      const { assembly, verdicts } = state
      return { set: assembly.set.map(({ resource }) => resource), removed: assembly.removed, verdicts }
    },
  }
}
