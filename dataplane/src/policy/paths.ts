import type { PathMatch } from '@gatehouse/contract'
import { templateMatches, templateOf, type PathTemplate } from '@gatehouse/language/template'

/** Escapes of what RFC 3986 2.2 reserves within a segment: many servers decode them before they compare. */
const reservedEscape = /%(?:2[1468-9A-C]|27|3[ABD]|40)/g
const parameters = /;[^/]*/g
const none: readonly string[] = []

/** A canonical path with those escapes decoded. */
export const decodedOnce = (path: string): string =>
  path.replace(reservedEscape, (triplet) => String.fromCharCode(Number.parseInt(triplet.slice(1), 16)))

/**
 * A canonical path as backends would read it that decode more than the gateway does (`/%40admin`), drop path parameters
 * (`/admin;x=1`), or do both, in either order. What is refused must be refused in every reading, and all must come to one
 * rule.
 *
 * @returns empty when there is no other reading
 */
export function otherReadings(path: string): readonly string[] {
  if (!path.includes('%')) return path.includes(';') ? [path.replace(parameters, '')] : none
  const whole = decodedOnce(path)
  const bare = path.replace(parameters, '')
  const all = new Set([whole, bare, whole.replace(parameters, ''), decodedOnce(bare)])
  all.delete(path)
  return all.size === 0 ? none : [...all]
}

/** A path condition, made ready. */
export interface PathTest {
  readonly exact: boolean
  /** Without a trailing slash for a prefix. */
  readonly value: string
  /** Then it decides. */
  readonly template: PathTemplate | null
}

export function pathTest({ type, value }: PathMatch): PathTest {
  if (type === 'Template') return { exact: true, value, template: templateOf(value) }
  if (type === 'Exact') return { exact: true, value, template: null }
  return { exact: false, value: value.endsWith('/') ? value.slice(0, -1) : value, template: null }
}

/** Exact and a template compare all; a prefix compares whole elements. */
export function pathMatches(test: PathTest, path: string): boolean {
  const { value } = test
  if (test.template !== null) return templateMatches(test.template, path)
  if (test.exact) return path === value
  return path.startsWith(value) && (path.length === value.length || path[value.length] === '/')
}

/** Whether a method is in a list; null = any, and GET covers HEAD. */
export const methodMatches = (methods: readonly string[] | null, method: string): boolean =>
  methods === null || methods.includes(method) || (method === 'HEAD' && methods.includes('GET'))
