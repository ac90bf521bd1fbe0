import {
  differingKeys,
  resourceKey,
  revisionOf,
  seal,
  sha256,
  snapshotAfter,
  snapshotOf,
  type SealedResource,
} from '@gatehouse/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const resource = (name: string, port: number): SealedResource =>
  seal({ kind: 'endpoints', name, spec: { addresses: [{ address: '10.0.0.1', port, zones: [], draining: false }] } })

/** Names around the characters that separate lines and keys, in numbers that fill several runs. */
const name = fc.stringMatching(/^[a-c]{1,4}[ !-.]?\/[a-c]{0,3}$/)
const resources = fc
  .array(fc.tuple(name, fc.integer({ min: 1, max: 3 })), { maxLength: 700, size: 'max' })
  .map((all) => new Map(all.map(([one, port]) => resource(one, port)).map((one) => [resourceKey(one), one])))

/** Ever other resources, and mostly those of before. */
const histories = fc
  .array(resources, { minLength: 2, maxLength: 5 })
  .map((all) =>
    all.map((own, index) => (index % 2 === 0 ? own : new Map([...all[index - 1]!, ...[...own].slice(0, 20)]))),
  )

type Resources = ReadonlyMap<string, SealedResource>

const changesBetween = (before: Resources, after: Resources) => ({
  set: [...after].filter(([key, { hash }]) => before.get(key)?.hash !== hash).map(([, one]) => one),
  removed: [...before.keys()].filter((key) => !after.has(key)),
})

/** In place of long lists, which take long to be compared. */
const hashOf = (keys: Iterable<string>): string => sha256([...keys].sort().join('\n'))

describe('a snapshot that is made of another one', () => {
  it('is that of all its resources', () => {
    fc.assert(
      fc.property(histories, ([first, ...others]) => {
        let before = snapshotOf(first!.values())
        for (const own of others) {
          const { set, removed } = changesBetween(before.resources, own)
          const after = snapshotAfter(before, set, removed)
          expect(after.revision).toBe(revisionOf(own.values()))
          expect(revisionOf(after.resources.values())).toBe(after.revision)
          expect(after.resources.size).toBe(own.size)
          expect(revisionOf(before.resources.values())).toBe(before.revision)
          before = after
        }
      }),
      { numRuns: 30 },
    )
  })

  it('differs from any other one in what is not the same', () => {
    fc.assert(
      fc.property(histories, ([first, ...others]) => {
        const base = snapshotOf(first!.values())
        let before = base
        for (const own of others) {
          const { set, removed } = changesBetween(before.resources, own)
          before = snapshotAfter(before, set, removed)
          const changes = changesBetween(base.resources, own)
          const expected = hashOf([...changes.set.map(resourceKey), ...changes.removed])
          expect(hashOf(differingKeys(base.resources, before.resources))).toBe(expected)
          expect(hashOf(differingKeys(before.resources, base.resources))).toBe(expected)
        }
      }),
      { numRuns: 30 },
    )
  })
})
