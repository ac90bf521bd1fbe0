import { fits, type Candidate, type Destination, type Search } from './candidate.ts'

/** Most instructions times characters that one reading of a path may cost on its host, about 15 ms at the worst (M14). */
const maxWork = 250_000

/** The longest first. @param candidates - in the order of precedence otherwise */
export const byLength = <D extends Destination>(candidates: readonly Candidate<D>[]): readonly Candidate<D>[] | null =>
  candidates.length === 0 ? null : [...candidates].sort((a, b) => b.match.path.value.length - a.match.path.value.length)

/**
 * The longest expression that matches the whole path. One that cannot be understood stands for all paths, since nobody
 * knows which it meant: what would fall through to a shorter one of its namespace, or to nothing, is its own (M7).
 *
 * @returns `bad-path` when telling would cost too much: nobody knows which one would have matched
 */
export function longestRegex<D extends Destination>(
  candidates: readonly Candidate<D>[],
  path: string,
  { asked, namespaces }: Search,
): Candidate<D> | 'bad-path' | null {
  let unknown: Candidate<D> | null = null
  let left = maxWork
  for (const one of candidates) {
    if (!fits(one, asked, namespaces)) continue
    if (one.regex === null) {
      unknown ??= one
      continue
    }
    left -= one.regex.size * path.length
    if (left < 0) return 'bad-path'
    if (!one.regex.matchesAll(path)) continue
    return unknownBefore(candidates, one, { asked, namespaces }) ?? one
  }
  return unknown
}

/** The first expression of the same namespace that comes earlier and cannot be understood. */
function unknownBefore<D extends Destination>(
  candidates: readonly Candidate<D>[],
  found: Candidate<D>,
  { asked, namespaces }: Search,
): Candidate<D> | null {
  for (const one of candidates) {
    if (one === found) return null
    const own = one.destination.namespace === found.destination.namespace
    if (own && one.regex === null && fits(one, asked, namespaces)) return one
  }
  return null
}
