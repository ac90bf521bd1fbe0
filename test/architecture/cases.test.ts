import { beforeAll, describe, expect, it } from 'vitest'
import { catalogue, faultsOf, namedFiles, testsOf, type Test } from '../attack/catalogue/catalogue.ts'
import { filesOf, meanings, missingFor, testsFor } from '../attack/meanings/meanings.ts'
import { testsIn } from './titles.ts'

let tests: readonly Test[] = []
beforeAll(async () => {
  tests = await testsIn([...new Set([...namedFiles(catalogue), ...filesOf(meanings)])])
}, 180_000)

const flaws = catalogue.flatMap((chapter) => chapter.flaws)

describe('the catalogue of flaws', () => {
  it('names cases that exist, or says why there is none', () => {
    expect(flaws.flatMap((flaw) => faultsOf(flaw, tests))).toEqual([])
  })

  it('finds what is wrong with a row', () => {
    const flaw = { ids: ['X-1'], where: 'somewhere', cause: 'something' }
    expect(faultsOf(flaw, tests)).toHaveLength(1)
    expect(faultsOf({ ...flaw, cases: { path: ['no such case'] } }, tests)).toHaveLength(1)
    expect(faultsOf({ ...flaw, reason: 'it is not there' }, tests)).toEqual([])
    const [some] = flaws
    expect(testsOf(some!, tests).length).toBeGreaterThan(3)
  })

  it('has each flaw once', () => {
    const ids = flaws.flatMap((flaw) => flaw.ids)
    const allowed = new Set(['CVE-2023-39326'])
    expect(ids.filter((id, at) => ids.indexOf(id) !== at && !allowed.has(id))).toEqual([])
  })
})

/** Fewest tests of a meaning. */
const least = 3

describe('the meanings of the API', () => {
  it('are there, in their order', () => {
    expect(meanings.map(({ name }) => name)).toEqual(Array.from({ length: 20 }, (_, index) => `M${index + 1}`))
  })

  it.each(meanings)('$name $title: each sentence has cases that exist', ({ sentences }) => {
    expect(sentences.flatMap((one) => missingFor(one, tests))).toEqual([])
    const own = new Set(sentences.flatMap((one) => testsFor(one, tests)))
    expect(own.size).toBeGreaterThanOrEqual(least)
  })

  it('notice a case that is gone', () => {
    const [first] = meanings[0]!.sentences
    expect(missingFor({ ...first!, cases: { jwt: ['no such case'] } }, tests)).toHaveLength(1)
  })
})
