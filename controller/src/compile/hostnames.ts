/** Host names and patterns are lower case; a pattern is exact or `*.` and a suffix of one label or more. */

/** Whether everything that `inner` stands for is also in `pattern`; a wildcard covers one label and more. */
export const covers = (pattern: string, inner: string): boolean => {
  if (pattern === inner) return true
  if (!pattern.startsWith('*.')) return false
  const suffix = pattern.slice(1)
  return inner.endsWith(suffix) && inner.length > suffix.length
}

/** Whether some host is in both. */
export const overlaps = (a: string, b: string): boolean => covers(a, b) || covers(b, a)
