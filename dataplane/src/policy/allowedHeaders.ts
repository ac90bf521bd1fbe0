/**
 * The request headers that reach the backend: those that every policy in force lets through (M2).
 *
 * @param lists - lower-case names, of each policy; null = it does not say
 * @returns null when none says
 */
export function allowedHeaders(lists: readonly (readonly string[] | null)[]): ReadonlySet<string> | null {
  const said = lists.filter((list) => list !== null)
  const [first, ...others] = said
  return first === undefined ? null : new Set(first.filter((name) => others.every((list) => list.includes(name))))
}
