import { describe, expect, it } from 'vitest'
import { mutants, straysOf } from '../attack/mutants.ts'

/** What the whole proof would only find out after minutes. */
describe('mutants', () => {
  it('take out what stands in the source, exactly once', () => {
    expect(straysOf(mutants)).toEqual([])
  })

  it('are named once in each class', () => {
    const names = mutants.map(({ attack, check }) => `${attack}: ${check}`)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })
})
