import { seal, snapshotOf, type SealedResource } from '@gatehouse/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { difference } from './difference.ts'
import { History } from './history.ts'

const trust = (name: string, anchor: string): SealedResource =>
  seal({ kind: 'trust', name: `shop/${name}`, spec: { anchors: [anchor] } })

describe('difference', () => {
  const one = trust('one', 'a')
  const two = trust('two', 'a')

  it('is everything without a base', () => {
    expect(difference(null, snapshotOf([one, two]))).toMatchObject({ base: null, set: [one, two], removed: [] })
  })

  it('holds what is new and what changed, and the keys that are gone', () => {
    const base = snapshotOf([one, two])
    const changed = trust('one', 'b')
    const target = snapshotOf([changed, trust('three', 'c')])
    expect(difference(base, target)).toEqual({
      base: base.revision,
      revision: target.revision,
      set: [changed, trust('three', 'c')],
      removed: ['trust/shop/two'],
    })
  })

  it('turns any base into any target', () => {
    const snapshot = fc
      .dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('x', 'y'))
      .map((entries) => snapshotOf(Object.entries(entries).map(([name, anchor]) => trust(name, anchor))))
    fc.assert(
      fc.property(snapshot, snapshot, (base, target) => {
        const { set, removed } = difference(base, target)
        const left = [...base.resources].filter(([key]) => !removed.includes(key)).map(([, resource]) => resource)
        expect(snapshotOf([...left, ...set]).revision).toBe(target.revision)
      }),
    )
  })
})

describe('History', () => {
  it('says when a revision is the newest already', () => {
    const history = new History()
    expect(history.newest).toBeNull()
    expect(history.add(snapshotOf([]))).toBe(true)
    expect(history.add(snapshotOf([]))).toBe(false)
    expect(history.add(snapshotOf([trust('one', 'a')]))).toBe(true)
    expect(history.add(snapshotOf([]))).toBe(true)
  })

  it('finds the newest ones and forgets the oldest', () => {
    const history = new History()
    const snapshots = Array.from({ length: 9 }, (_, index) => snapshotOf([trust('one', String(index))]))
    for (const snapshot of snapshots) history.add(snapshot)
    expect(history.find(snapshots[0]!.revision)).toBeNull()
    expect(history.find(snapshots[1]!.revision)).toBe(snapshots[1])
    expect(history.newest).toBe(snapshots[8])
    expect(history.find(null)).toBeNull()
  })
})
