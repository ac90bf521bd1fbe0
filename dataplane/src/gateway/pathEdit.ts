import type { PathChange, RuleMatch } from '@gatehouse/contract'
import { canonicalPath } from './path.ts'

/** A change of paths, made ready: what is in front of the rest, and where the rest begins. */
export interface PathEdit {
  /** Length of what was matched, without a trailing slash; null = nothing of the path is kept. */
  readonly matched: number | null
  /** Without a trailing slash where something is kept. */
  readonly value: string
}

const isSound = (path: string): boolean => path === '' || canonicalPath(path) === path
const withoutSlash = (path: string): string => (path.endsWith('/') ? path.slice(0, -1) : path)

/** @returns null when the rule's matches or the value do not allow it */
export function pathEdit({ type, value }: PathChange, matches: readonly RuleMatch[]): PathEdit | null {
  if (!isSound(value)) return null
  if (type === 'ReplaceFullPath') return value === '' ? null : { matched: null, value }
  const [match] = matches
  if (matches.length !== 1 || match?.path.type !== 'PathPrefix') return null
  return { matched: withoutSlash(match.path.value).length, value: withoutSlash(value) }
}

/**
 * The path after the change (Gateway API, HTTPPathModifier). Canonical, since both parts are and meet at a slash.
 *
 * @param path - canonical, and matched
 */
export function edited({ matched, value }: PathEdit, path: string): string {
  if (matched === null) return value
  const whole = value + path.slice(matched)
  return whole === '' ? '/' : whole
}
