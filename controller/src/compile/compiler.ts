import type { World } from '../world.ts'
import { assembled, reassembled, type Assembly } from './assembly.ts'
import { fairLevel, largestSnapshot } from './budget.ts'
import { byText } from './byKey.ts'
import { installationOf } from './gatehouse.ts'
import { gatehouseVerdict } from './gatehouseVerdict.ts'
import { sameJson } from './memo.ts'
import { namespaceResult, settled, type NamespaceResult, type Surroundings } from './namespace.ts'
import { sameOptions, type CompileOptions, type InstallationRef } from './options.ts'
import { partOf, partsOf, type Parts } from './parts.ts'
import { referencesOf } from './references.ts'
import { sortedSealed, type Sealed } from './seal.ts'
import type { Compilation, Verdict } from './verdict.ts'

/** Compiles worlds of one installation, each from what it remembers of the one before. */
export interface Compiler {
  /**
   * Compiles the world: what data planes execute, and what is to be said about each of its objects. Synchronous; it never
   * throws, and one bad object costs only its own unit (M7). Equal worlds give equal results in whatever order their maps
   * are and whatever was compiled before; what is remembered only saves time: a change costs what its namespace costs.
   *
   * @returns resources sorted by key, verdicts by kind, namespace and name; routes and policies that do not concern this
   *   installation have a verdict without parents. Resources and verdicts that did not change are the same objects
   */
  compile(world: World, options: CompileOptions): Compilation
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
  readonly parts: Parts
  readonly surroundings: Surroundings
  readonly own: readonly Sealed[]
  /** Sorted by namespace. */
  readonly namespaces: ReadonlyMap<string, Known>
  readonly assembly: Assembly
  readonly verdict: Verdict | null
}

function surroundingsOf(
  ref: InstallationRef,
  parts: Parts,
  options: CompileOptions,
  before: State | null,
): Surroundings {
  const part = partOf(parts, ref.namespace)
  if (before) {
    const earlier = partOf(before.parts, ref.namespace)
    const same = (['Gatehouse', 'Secret', 'ConfigMap', 'watched'] as const).every(
      (kind) => part[kind] === earlier[kind],
    )
    if (same && sameOptions(before.surroundings.options, options)) return before.surroundings
  }
  const references = referencesOf(part, options.folder ? 'NotInFolder' : 'RefNotFound')
  return { ref, installation: installationOf(part, ref, references, options), options }
}

/** Each namespace as it would be alone. */
function alone(parts: Parts, surroundings: Surroundings, before: State | null): ReadonlyMap<string, Known> {
  const names = [...parts.byNamespace.keys()].sort((a, b) => byText(`${a}/`, `${b}/`))
  const same = before?.surroundings === surroundings
  return new Map(
    names.map((name) => {
      const part = parts.byNamespace.get(name)!
      const known = before?.namespaces.get(name)
      if (same && known?.part === part) return [name, known]
      const tenant = { namespace: name, part, before: known?.whole.selections ?? null }
      const whole = namespaceResult(tenant, surroundings, Infinity)
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
  const cut = fits ? whole : namespaceResult({ namespace, part, before: whole.selections }, surroundings, level)
  return { namespace, part, whole, level, cut: before ? settled(cut, before.cut) : cut }
}

const nothing: readonly Sealed[] = []

/** Which sources of resources gave what they give now, and what they gave before. */
function assemblyOf(state: Omit<State, 'assembly' | 'verdict'>, before: State | null): Assembly {
  const { own, namespaces } = state
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
  return assembled([own, ...[...namespaces.values()].map(({ cut }) => cut.resources)])
}

function ownVerdict(state: Omit<State, 'verdict'>, crowded: boolean, before: State | null): Verdict | null {
  const { installation } = state.surroundings
  if (!installation.object) return null
  const counts = [...state.namespaces.values()].map(({ cut }) => cut.attached)
  const attached = (listener: string): number => counts.reduce((sum, one) => sum + (one.get(listener) ?? 0), 0)
  const verdict = gatehouseVerdict(installation.object, installation, { attached, crowded })
  return sameJson(before?.verdict, verdict) ? before!.verdict : verdict
}

function next(ref: InstallationRef, world: World, options: CompileOptions, before: State | null): State {
  const parts = partsOf(world, before?.parts ?? null)
  const surroundings = surroundingsOf(ref, parts, options, before)
  const { installation } = surroundings
  const own = surroundings === before?.surroundings ? before.own : sortedSealed(installation.resources)
  const whole = alone(parts, surroundings, before)
  const ownBytes = installation.resources.reduce((sum, { bytes }) => sum + bytes, 0)
  const { crowded, level } = levelOf(whole, ownBytes, options.snapshotBytes ?? largestSnapshot)
  const namespaces = new Map(
    [...whole].map(([name, known]) => [name, cutTo(level, known, surroundings, before?.namespaces.get(name))]),
  )
  const made = { parts, surroundings, own, namespaces }
  const state = { ...made, assembly: assemblyOf(made, before) }
  return { ...state, verdict: ownVerdict(state, crowded, before) }
}

/** @param installation - the Gatehouse that is compiled for */
export function createCompiler(installation: InstallationRef): Compiler {
  let state: State | null = null
  return {
    compile: (world, options) => {
      state = next(installation, world, options, state)
      const results = [...state.namespaces.values()].map(({ cut }) => cut)
      return {
        resources: state.assembly.sealed.map(({ resource }) => resource),
        verdicts: [
          ...results.flatMap(({ policies }) => policies),
          ...(state.verdict ? [state.verdict] : []),
          ...results.flatMap(({ routes }) => routes),
        ],
      }
    },
  }
}
