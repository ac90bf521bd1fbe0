import {
  resourceSpecs,
  type RefusedReason,
  type RefusedResource,
  type ResourceKind,
  type ResourceSpec,
  type SealedResource,
} from '@gatehouse/contract'

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
  | { readonly hash: string; readonly ok: true; readonly parsed: Parsed<ResourceKind> }
  | {
      readonly hash: string
      readonly ok: false
      readonly refused: RefusedResource
      /** What stands for a route whose rules could not be read. */
      readonly remnant: Parsed<'route'> | null
    }

/** What was read before, by `kind/name`. */
export type ParseMemo = ReadonlyMap<string, Outcome>

export interface ParseResult {
  readonly parsed: ParsedResources
  readonly refused: readonly RefusedResource[]
  readonly memo: ParseMemo
}

const kinds = Object.keys(resourceSpecs) as ResourceKind[]
const isKind = (kind: string): kind is ResourceKind => Object.hasOwn(resourceSpecs, kind)

const forEachKind = <T>(make: () => T): { [K in ResourceKind]: T } =>
  Object.fromEntries(kinds.map((kind) => [kind, make()])) as { [K in ResourceKind]: T }

/**
 * Reads every resource strictly. One that cannot be read is named with a reason and a JSON pointer, never with a value,
 * and costs its own unit only (M7).
 *
 * @param memo - of the snapshot before: a resource whose hash is the same is not read again
 */
export function parseResources(resources: ReadonlyMap<string, SealedResource>, memo: ParseMemo | null): ParseResult {
  const maps = forEachKind(() => new Map<string, Parsed<ResourceKind>>())
  const unreadable = forEachKind(() => new Set<string>())
  const refused: RefusedResource[] = []
  const seen = new Map<string, Outcome>()
  for (const [key, resource] of resources) {
    const known = memo?.get(key)
    const outcome = known?.hash === resource.hash ? known : parse(key, resource)
    seen.set(key, outcome)
    if (outcome.ok) maps[resource.kind as ResourceKind].set(resource.name, outcome.parsed)
    else {
      refused.push(outcome.refused)
      if (outcome.remnant !== null) maps.route.set(resource.name, outcome.remnant)
      else if (isKind(resource.kind)) unreadable[resource.kind].add(resource.name)
    }
  }
  return { parsed: { ...(maps as unknown as ByKind), unreadable }, refused, memo: seen }
}

function parse(key: string, resource: SealedResource): Outcome {
  const { kind, name, hash, spec } = resource
  const refuse = (field: string, reason: RefusedReason): Outcome => ({
    hash,
    ok: false,
    refused: { resource: key, field, reason },
    remnant: kind === 'route' ? remnantOf(resource) : null,
  })
  if (!isKind(kind)) return refuse('', 'UnknownKind')
  const result = resourceSpecs[kind].safeParse(spec)
  if (result.success) return { hash, ok: true, parsed: { name, hash, spec: result.data } }
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
