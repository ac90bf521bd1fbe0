import { describe, expect, it } from 'vitest'
import { leaseView, newLease, nextTerm, releasedLease, renewedLease, takenLease } from './lease.ts'

const now = Date.UTC(2026, 0, 1, 0, 1)
const holding = { identity: 'pod_1', term: 60, duration: 9_500, now }
const lease = newLease({ namespace: 'gatehouse-system', name: 'edge-controller' }, holding)

describe('a Lease', () => {
  it('says who holds it, with times of six digits', () => {
    expect(lease).toEqual({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { namespace: 'gatehouse-system', name: 'edge-controller' },
      spec: {
        holderIdentity: 'pod_1',
        leaseDurationSeconds: 10,
        leaseTransitions: 60,
        acquireTime: '2026-01-01T00:01:00.000000Z',
        renewTime: '2026-01-01T00:01:00.000000Z',
      },
    })
    expect(leaseView(lease)).toMatchObject({ holder: 'pod_1', duration: 10_000, term: 60 })
  })

  it('is renewed without another word, and released without losing its term', () => {
    const renewed = renewedLease(lease, now + 1)
    expect(renewed['spec']).toEqual({ ...(lease['spec'] as object), renewTime: '2026-01-01T00:01:00.001000Z' })
    expect(leaseView(releasedLease(renewed))).toMatchObject({ holder: null, term: 60 })
  })

  it('keeps what others wrote into it', () => {
    const marked = { metadata: { labels: { a: 'b' } }, spec: { strategy: 'OldestEmulationVersion' } }
    expect(takenLease(marked, holding)).toMatchObject(marked)
  })

  it.each([[{}], [{ spec: null }], [{ spec: { holderIdentity: '', leaseTransitions: '7' } }]])(
    'that says nothing is held by nobody: %j',
    (empty) => {
      expect(leaseView(empty)).toMatchObject({ holder: null, duration: null, term: 0 })
    },
  )
})

describe('the next term', () => {
  it.each([
    ['counts the seconds since the year 2026 began', 0, now, 60],
    ['is higher than the last by one where that is more', 60, now, 61],
    ['does not go back with a clock', 1_000, 0, 1_001],
    ['does not follow an absurd clock', 1_000, Date.UTC(2090, 0, 1), 1_001],
  ])('%s', (_, known, at, next) => {
    expect(nextTerm(known, at)).toBe(next)
  })
})
