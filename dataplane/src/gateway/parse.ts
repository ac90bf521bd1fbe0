import {
  differingKeys,
  resourceSpecs,
  type RefusedReason,
  type RefusedResource,
  type ResourceKind,
  type ResourceSpec,
  type SealedResource,
} from '@gatehouse/contract'
import type { Steps } from '../slices.ts'

/** A resource that could be read. */
export interface Parsed<K extends ResourceKind> {
  readonly name: string
  readonly hash: string
  readonly spec: ResourceSpec<K>
}

type ByKind = { readonly [K in ResourceKind]: ReadonlyMap<string, Parsed<K>> }

/** The resources of a snapshot by kind and name. */
export interface ParsedResources extends ByKind {
  /** Names of those that could not be read. */
  readonly unreadable: { readonly [K in ResourceKind]: ReadonlySet<string> }
}

type Outcome =
  | { readonly ok: true; readonly parsed: Parsed<ResourceKind> }
  | {
      readonly ok: false
      readonly refused: RefusedResource
      /** What stands for a route whose rules could not be read. */
      readonly remnant: Parsed<'route'> | null
    }

/** What was read before. */
export interface ParseMemo {
  readonly resources: ReadonlyMap<string, SealedResource>
  readonly parsed: ParsedResources
  /** By `kind/name`. */
  readonly refused: ReadonlyMap<string, RefusedResource>
}

/** Names of what came, went or became another since. */
export type ChangedNames = { readonly [K in ResourceKind]: ReadonlySet<string> }

export interface ParseResult {
  readonly parsed: ParsedResources
  readonly refused: readonly RefusedResource[]
  readonly changed: ChangedNames
  readonly memo: ParseMemo
}

const kinds = Object.keys(resourceSpecs) as ResourceKind[]
const isKind = (kind: string): kind is ResourceKind => Object.hasOwn(resourceSpecs, kind)

const forEachKind = <T>(make: () => T): { [K in ResourceKind]: T } =>
  Object.fromEntries(kinds.map((kind) => [kind, make()])) as { [K in ResourceKind]: T }

const nothing: ParseMemo = {
  resources: new Map(),
  parsed: {
    ...(forEachKind(() => new Map<string, never>()) as unknown as ByKind),
    unreadable: forEachKind(() => new Set<string>()),
  },
  refused: new Map(),
}

/** Copies of what was read of the kinds that change; the others are left as they are. */
function editionOf(parsed: ParsedResources) {
  const maps = { ...parsed } as unknown as { [K in ResourceKind]: Map<string, Parsed<ResourceKind>> }
  const unreadable = { ...parsed.unreadable } as { [K in ResourceKind]: Set<string> }
  const copied = new Set<ResourceKind>()
  const copy = (kind: ResourceKind): void => {
    if (copied.has(kind)) return
    copied.add(kind)
    maps[kind] = new Map(maps[kind])
    unreadable[kind] = new Set(unreadable[kind])
  }
  return {
    forget(kind: ResourceKind, name: string): void {
      copy(kind)
      maps[kind].delete(name)
      unreadable[kind].delete(name)
    },
    add(kind: ResourceKind, name: string, found: Parsed<ResourceKind> | null): void {
      copy(kind)
      if (found) maps[kind].set(name, found)
      else unreadable[kind].add(name)
    },
    done: (): ParsedResources => ({ ...(maps as unknown as ByKind), unreadable }),
  }
}

/**
 * Reads every resource strictly. One that cannot be read is named with a reason and a JSON pointer, never with a value,
 * and costs its own unit only (M7).
 *
 * @param memo - of the snapshot before: only what differs from it is read
 */
export function* parseResources(
  resources: ReadonlyMap<string, SealedResource>,
  memo: ParseMemo | null,
): Steps<ParseResult> {
  const before = memo ?? nothing
  const edition = editionOf(before.parsed)
  const refused = new Map(before.refused)
  const changed = forEachKind(() => new Set<string>())
  for (const key of differingKeys(before.resources, resources)) {
    yield
    const resource = resources.get(key)
    const { kind, name } = (resource ?? before.resources.get(key))!
    refused.delete(key)
    if (isKind(kind)) {
      changed[kind].add(name)
      edition.forget(kind, name)
    }
    const outcome = resource && parse(key, resource)
    if (!outcome) continue
    if (!outcome.ok) refused.set(key, outcome.refused)
    if (isKind(kind)) edition.add(kind, name, outcome.ok ? outcome.parsed : outcome.remnant)
  }
  const parsed = edition.done()
  return { parsed, refused: [...refused.values()], changed, memo: { resources, parsed, refused } }
}

function parse(key: string, resource: SealedResource): Outcome {
  const { kind, name, hash, spec } = resource
  const refuse = (field: string, reason: RefusedReason): Outcome => ({
    ok: false,
    refused: { resource: key, field, reason },
    remnant: kind === 'route' ? remnantOf(resource) : null,
  })
  if (!isKind(kind)) return refuse('', 'UnknownKind')
  const result = resourceSpecs[kind].safeParse(spec)
  if (result.success) return { ok: true, parsed: { name, hash, spec: result.data } }
  const issue = result.error.issues[0]
  if (issue === undefined) return refuse('', 'InvalidValue')
  const unknown = issue.code === 'unrecognized_keys'
  const path = unknown ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path
  return refuse(pointer(path), unknown ? 'UnknownField' : 'InvalidValue')
}

const { listeners, hostnames } = resourceSpecs.route.shape

/**
 * A route that is only known by its hostnames: they are refused what none of its namespace's rules may answer in its
 * place (M7). Without it, one unreadable route would have to close all hosts of its namespace.
 */
function remnantOf({ name, hash, spec }: SealedResource): Parsed<'route'> | null {
  const [namespace = '', routeName = ''] = name.split('/')
  const where = { listeners: listeners.safeParse(spec['listeners']), hostnames: hostnames.safeParse(spec['hostnames']) }
  if (!where.listeners.success || !where.hostnames.success) return null
  const object = { namespace, name: routeName }
  const known = { object, listeners: where.listeners.data, hostnames: where.hostnames.data }
  return { name, hash, spec: { ...known, created: 0, rules: [], incomplete: true } }
}

const maxPointer = 512

/** RFC 6901. A member whose name is not plain text is written as `?`, so that no pointer carries a value. */
function pointer(path: readonly PropertyKey[]): string {
  const text = path.map((part) => `/${/^[\w.-]{1,64}$/.test(String(part)) ? String(part) : '?'}`).join('')
  return text.slice(0, maxPointer)
}
