import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { Test } from '../attack/catalogue/catalogue.ts'
import { root, runIn } from './copy.ts'

/** The tests of files, found by reading these, without running one. @throws what the runner said when one cannot be read */
export async function testsIn(files: readonly string[]): Promise<Test[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-titles-'))
  try {
    const file = join(folder, 'tests.json')
    const { output } = await runIn(root, 'vitest', ['list', '--no-static-parse', `--json=${file}`, ...files])
    if (output.includes('Error')) throw new Error(output)
    const listed = JSON.parse(readFileSync(file, 'utf8')) as readonly Test[]
    return listed.map((test) => ({ ...test, file: relative(root, test.file) }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
