/** Orders texts by UTF-16 code units, as keys are sorted everywhere. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The values of a map in the order of their keys. */
export const sortedByKey = <T>(map: ReadonlyMap<string, T>): readonly T[] =>
  [...map].sort(([a], [b]) => byText(a, b)).map(([, value]) => value)
