import { fileOf, isCalled } from '../catalogue/flaw.ts'
import type { Test } from '../catalogue/catalogue.ts'
import { access } from './access.ts'
import { bounds } from './bounds.ts'
import type { Meaning, Sentence } from './meaning.ts'
import { requests } from './requests.ts'

/** What the fields of the API mean, sentence by sentence, as far as there is something that the sentence is about. */
export const meanings: readonly Meaning[] = [...access, ...requests, ...bounds]

const named = ({ cases }: Sentence): readonly { readonly file: string; readonly title: string }[] =>
  Object.entries(cases).flatMap(([key, titles]) => titles.map((title) => ({ file: fileOf(key), title })))

const isNamed =
  ({ file, title }: { readonly file: string; readonly title: string }) =>
  (test: Test): boolean =>
    test.file === file && isCalled(test.name, title)

/** The files with their cases, from the root. */
export const filesOf = (all: readonly Meaning[]): readonly string[] => [
  ...new Set(all.flatMap(({ sentences }) => sentences.flatMap((one) => named(one).map(({ file }) => file)))),
]

/** The tests of a sentence among those that exist. */
export const testsFor = (sentence: Sentence, tests: readonly Test[]): readonly Test[] =>
  tests.filter((test) => named(sentence).some((one) => isNamed(one)(test)))

/** Cases that do not exist. */
export const missingFor = (sentence: Sentence, tests: readonly Test[]): readonly string[] =>
  named(sentence)
    .filter((one) => !tests.some(isNamed(one)))
    .map(({ file, title }) => `${sentence.says}: ${file} has no test called ${JSON.stringify(title)}`)
