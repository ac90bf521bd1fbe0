import type { z } from 'zod'
import { accessPolicySpec, type AccessPolicySpec } from './access-policy.ts'
import { gatehouseSpec, type GatehouseSpec } from './gatehouse.ts'
import { gatewayRouteSpec, type GatewayRouteSpec } from './gateway-route.ts'

/** The spec of each kind, with all defaults written out. */
export interface Specs {
  readonly Gatehouse: GatehouseSpec
  readonly GatewayRoute: GatewayRouteSpec
  readonly AccessPolicy: AccessPolicySpec
}

export type GatehouseKind = keyof Specs

/** A fault in a spec. Neither part contains a value of the spec. */
export interface SpecIssue {
  /** JSON pointer (RFC 6901) into the spec; names that are not plain words are written as `?`. */
  readonly path: string
  /** What the field must be, such as `is required`. */
  readonly reason: string
}

export type ParsedSpec<K extends GatehouseKind> =
  { readonly ok: true; readonly spec: Specs[K] } | { readonly ok: false; readonly issues: readonly SpecIssue[] }

const schemas: { readonly [K in GatehouseKind]: z.ZodType<Specs[K]> } = {
  Gatehouse: gatehouseSpec,
  GatewayRoute: gatewayRouteSpec,
  AccessPolicy: accessPolicySpec,
}

/** Beyond this many issues the rest is not listed. */
const maxIssues = 64

const pointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => (/^[A-Za-z0-9_.-]{1,64}$/.test(String(part)) ? `/${String(part)}` : '/?')).join('')

const size = (origin: string, bound: string): string =>
  origin === 'string' ? `${bound} characters` : origin === 'array' ? `${bound} entries` : bound

/** The words of a finding: from the schema alone, never from the value. */
function reasonOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is required' : `must be of type ${issue.expected}`
    case 'invalid_value':
      return `must be one of ${issue.values.map((value) => `"${String(value)}"`).join(', ')}`
    case 'invalid_format':
      return 'does not have the required form'
    case 'too_small':
      return `must have at least ${size(issue.origin, String(issue.minimum))}`
    case 'too_big':
      return `must have at most ${size(issue.origin, String(issue.maximum))}`
    case 'custom':
      return issue.message
    default:
      return 'is invalid'
  }
}

const issuesOf = (issue: z.core.$ZodIssue): readonly SpecIssue[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ path: pointer([...issue.path, key]), reason: 'is not a known field' }))
    : [{ path: pointer(issue.path), reason: reasonOf(issue) }]

/** No schema of ours nests deeper. */
const maxDepth = 32

/** zod drops a member of this name from maps, so that a selector would lose a condition. */
const hasUnreadable = (raw: unknown, depth = 0): boolean =>
  typeof raw === 'object' &&
  raw !== null &&
  (depth > maxDepth ||
    Object.hasOwn(raw, '__proto__') ||
    Object.values(raw).some((member) => hasUnreadable(member, depth + 1)))

const unreadable = `must not nest deeper than ${maxDepth} levels, nor have a member named __proto__`

/**
 * Reads a spec strictly: applies defaults, refuses unknown fields, checks what the CRD's rules demand, and collects
 * all findings. Whoever reads objects that may be older than their schema reads them with this.
 *
 * @param raw - the `spec` member of an object of that kind, as JSON
 */
export function parseSpec<K extends GatehouseKind>(kind: K, raw: unknown): ParsedSpec<K> {
  if (hasUnreadable(raw)) return { ok: false, issues: [{ path: '', reason: unreadable }] }
  const parsed = schemas[kind].safeParse(raw, { reportInput: true })
  if (parsed.success) return { ok: true, spec: parsed.data }
  return { ok: false, issues: parsed.error.issues.flatMap(issuesOf).slice(0, maxIssues) }
}
