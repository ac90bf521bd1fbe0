import { fits, type Candidate, type Destination } from './candidate.ts'
import { affords, type Search } from './search.ts'

/** The longest first. @param candidates - in the order of precedence otherwise */
export const byLength = <D extends Destination>(candidates: readonly Candidate<D>[]): readonly Candidate<D>[] | null =>
  candidates.length === 0 ? null : [...candidates].sort((a, b) => b.match.path.value.length - a.match.path.value.length)

/**
 * The longest expression that matches the whole path. One that cannot be understood stands for all paths, where it
 * counts at all: nobody knows which it meant (M7).
 */
export function longestRegex<D extends Destination>(
  candidates: readonly Candidate<D>[],
  path: string,
  search: Search,
): Candidate<D> | null {
  for (const one of candidates) {
    if (!fits(one, search)) continue
    const { regex } = one
    if (regex === null) return one
    if (!affords(search, regex.size, path)) return null
    if (regex.matchesAll(path)) return one
  }
  return null
}
