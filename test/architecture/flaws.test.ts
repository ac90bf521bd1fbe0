import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { catalogue, faultsOf, namedFiles, testsOf, type Test } from '../attack/catalogue/catalogue.ts'
import { root, runIn } from './copy.ts'

/** The tests of files, found by reading these, without running one. */
async function testsIn(files: readonly string[]): Promise<Test[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-titles-'))
  try {
    const file = join(folder, 'tests.json')
    const { output } = await runIn(root, 'vitest', ['list', '--no-static-parse', `--json=${file}`, ...files])
    expect(output).not.toContain('Error')
    const listed = JSON.parse(readFileSync(file, 'utf8')) as readonly Test[]
    return listed.map((test) => ({ ...test, file: relative(root, test.file) }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const flaws = catalogue.flatMap((chapter) => chapter.flaws)

describe('the catalogue of flaws', () => {
  let tests: readonly Test[] = []
  beforeAll(async () => {
    tests = await testsIn(namedFiles(catalogue))
  }, 180_000)

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
