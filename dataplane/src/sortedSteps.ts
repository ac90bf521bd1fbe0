import type { Steps } from './slices.ts'

/** So many are sorted or merged between two rests. */
const portion = 256

/** Sorts in small steps; what compares as equal keeps its order. */
export function* sortedSteps<T>(items: readonly T[], compare: (a: T, b: T) => number): Steps<T[]> {
  yield
  if (items.length <= portion) return items.toSorted(compare)
  const middle = items.length >> 1
  const first = yield* sortedSteps(items.slice(0, middle), compare)
  const second = yield* sortedSteps(items.slice(middle), compare)
  const merged: T[] = []
  for (let a = 0, b = 0; a < first.length || b < second.length;) {
    if (merged.length % portion === 0) yield
    const firstIsNext = b === second.length || (a < first.length && compare(first[a]!, second[b]!) <= 0)
    merged.push(firstIsNext ? first[a++]! : second[b++]!)
  }
  return merged
}
