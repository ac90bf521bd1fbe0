import { createHash } from 'node:crypto'

/** Some lines that follow each other, and the UTF-8 bytes that they add to the hash. */
interface Run {
  readonly lines: readonly string[]
  readonly bytes: Uint8Array
}

/** Lines, each once, sorted by UTF-16 code units. Never changed: what is made of them shares what is the same. */
export type SortedLines = readonly Run[]

/** How many lines are made anew where one of them changes. */
const shortest = 64
const longest = 256

const runOf = (lines: readonly string[]): Run => ({ lines, bytes: Buffer.from(lines.join('\n'), 'utf8') })

/** Runs of much the same length. */
function runsOf(lines: readonly string[]): Run[] {
  const count = Math.ceil(lines.length / longest)
  const at = (run: number): number => Math.round((run * lines.length) / count)
  return Array.from({ length: count }, (_, run) => runOf(lines.slice(at(run), at(run + 1))))
}

/** @param lines - in any order */
export const sortedLines = (lines: Iterable<string>): SortedLines => runsOf([...lines].sort())

/** The run in which a line is, or would be. */
function placeOf(runs: SortedLines, line: string): number {
  let [low, high] = [0, runs.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (runs[middle]!.lines[0]! <= line) low = middle
    else high = middle - 1
  }
  return low
}

/** Whether so much was removed that there are more runs than there need be. */
const isFrayed = (runs: SortedLines): boolean =>
  runs.length > 1 && runs.reduce((sum, { lines }) => sum + lines.length, 0) < runs.length * shortest

/**
 * @param removed - lines that go; one that is not there is passed over
 * @param added - lines that were not there, or go
 */
export function withLines(runs: SortedLines, removed: Iterable<string>, added: Iterable<string>): SortedLines {
  if (runs.length === 0) return sortedLines(added)
  const touched = new Map<number, Set<string>>()
  const linesAt = (line: string): Set<string> => {
    const at = placeOf(runs, line)
    const known = touched.get(at) ?? new Set(runs[at]!.lines)
    touched.set(at, known)
    return known
  }
  for (const line of removed) linesAt(line).delete(line)
  for (const line of added) linesAt(line).add(line)
  const made = runs.flatMap((run, at) => {
    const lines = touched.get(at)
    return lines ? runsOf([...lines].sort()) : [run]
  })
  return isFrayed(made) ? runsOf(made.flatMap(({ lines }) => lines)) : made
}

/** Lines that are in one of them and not in the other. What both share is not looked at. */
export function differingLines(a: SortedLines, b: SortedLines): ReadonlySet<string> {
  const [inA, inB] = [new Set(a), new Set(b)]
  const onlyA = new Set(a.flatMap((run) => (inB.has(run) ? [] : run.lines)))
  const onlyB = new Set(b.flatMap((run) => (inA.has(run) ? [] : run.lines)))
  const [gone, come] = [[...onlyA].filter((line) => !onlyB.has(line)), [...onlyB].filter((line) => !onlyA.has(line))]
  return new Set([...gone, ...come])
}

/** SHA-256 of the lines with a line feed between two, as 64 lower-case hex digits. */
export function hashOfLines(runs: SortedLines): string {
  const hash = createHash('sha256')
  runs.forEach(({ bytes }, at) => hash.update(at === 0 ? '' : '\n').update(bytes))
  return hash.digest('hex')
}
