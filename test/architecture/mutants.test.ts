import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mutants } from '../attack/mutants.ts'
import { root } from './copy.ts'

/** What the whole proof would only find out after minutes. */
describe('mutants', () => {
  it('take out what stands in the source, exactly once', () => {
    const sourceOf = (file: string): string => {
      const path = join(root, 'dataplane/src', file)
      return existsSync(path) ? readFileSync(path, 'utf8') : ''
    }
    const strays = mutants.flatMap(({ check, edits }) =>
      edits
        .filter(({ file, find }) => sourceOf(file).split(find).length !== 2)
        .map(({ file, find }) => `${check}: ${file}: ${find}`),
    )
    expect(strays).toEqual([])
  })

  it('are named once in each class', () => {
    const names = mutants.map(({ attack, check }) => `${attack}: ${check}`)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })
})
