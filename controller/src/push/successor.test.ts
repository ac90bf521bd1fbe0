import { resourceKey, seal, snapshotOf, type SealedResource } from '@gatehouse/contract'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { successorOf, type Listed } from './successor.ts'

const resource = (name: string, port: number): SealedResource =>
  seal({ kind: 'endpoints', name, spec: { addresses: [{ address: '10.0.0.1', port }] } })

const listed = (resources: readonly SealedResource[]): readonly SealedResource[] =>
  [...new Map(resources.map((one) => [resourceKey(one), one]))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, one]) => one)

it('is the snapshot of the resources, whatever was before', () => {
  const name = fc.stringMatching(/^[a-c]{1,4}[ !-.]?\/[a-c]{0,3}$/)
  const list = fc.array(fc.tuple(name, fc.integer({ min: 1, max: 3 })), { maxLength: 600 })
  fc.assert(
    fc.property(fc.array(list, { minLength: 2, maxLength: 4 }), (lists) => {
      let before: Listed | null = null
      for (const one of lists) {
        const resources = listed(one.map(([key, port]) => resource(key, port)))
        before = successorOf(before, resources)
        const { revision, resources: all } = snapshotOf(resources)
        expect(before.snapshot.revision).toBe(revision)
        expect(new Map(before.snapshot.resources)).toEqual(all)
      }
    }),
    { numRuns: 30 },
  )
})

it('is the same one when nothing changed', () => {
  const first = successorOf(null, [resource('a', 1)])
  expect(successorOf(first, [...first.resources]).snapshot).toBe(first.snapshot)
})
