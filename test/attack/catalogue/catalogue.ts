import { control } from './control.ts'
import type { Chapter, Flaw } from './flaw.ts'
import { fileOf, isCalled } from './flaw.ts'
import { framing } from './framing.ts'
import { headers } from './headers.ts'
import { leaks } from './leaks.ts'
import { paths } from './paths.ts'
import { resources } from './resources.ts'
import { tls } from './tls.ts'
import { tokens } from './tokens.ts'

/** Flaws that were found elsewhere, and what shows that they are not here. */
export const catalogue: readonly Chapter[] = [paths, headers, framing, tokens, tls, resources, control, leaks]

/** A test that exists. */
export interface Test {
  /** From the root. */
  readonly file: string
  /** With the names of the groups around it, joined by ` > `. */
  readonly name: string
}

/** The files that the catalogue names, from the root. */
export const namedFiles = (chapters: readonly Chapter[]): readonly string[] => [
  ...new Set(chapters.flatMap(({ flaws }) => flaws.flatMap(({ cases = {} }) => Object.keys(cases).map(fileOf)))),
]

/** The tests of a flaw among those that exist. */
export const testsOf = <T extends Test>({ cases = {} }: Flaw, tests: readonly T[]): readonly T[] =>
  tests.filter(({ file, name }) =>
    Object.entries(cases).some(([key, titles]) => fileOf(key) === file && titles.some((one) => isCalled(name, one))),
  )

/** What is wrong with a flaw: neither cases nor a reason, or cases that do not exist. */
export function faultsOf({ ids, cases = {}, reason }: Flaw, tests: readonly Test[]): readonly string[] {
  const named = Object.entries(cases).flatMap(([key, titles]) => titles.map((title) => ({ file: fileOf(key), title })))
  if (named.length === 0) return reason === undefined ? [`${ids[0]}: neither cases nor a reason`] : []
  return named
    .filter(({ file, title }) => !tests.some((test) => test.file === file && isCalled(test.name, title)))
    .map(({ file, title }) => `${ids[0]}: ${file} has no test called ${JSON.stringify(title)}`)
}
