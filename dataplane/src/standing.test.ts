import { seal, snapshotOf, type RefusedResource, type SignedRevision, type Snapshot } from '@gatehouse/contract'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Standing } from './standing.ts'
import type { SyncEvent } from './sync/event.ts'

const snapshot = (name: string, maxAge = 0): Snapshot =>
  snapshotOf([
    seal({
      kind: 'installation',
      name: 'installation',
      spec: {
        defaultAccess: 'Deny',
        identityHeaders: [name],
        tenancy: 'Single',
        hosts: [],
        outbound: { podCIDRs: [], allowLoopback: false, deniedAddresses: [] },
        maxBodySize: 0,
        parallelRequests: 0,
        quotaKeys: 0,
        lastGood: { secrets: 'Keep', maxAge },
        usage: null,
      },
    }),
  ])

const signed = ({ revision }: Snapshot, issuedAt: number): SignedRevision => ({
  ...{ installation: 'a/b', term: 1, sequence: 1 },
  ...{ revision, issuedAt, signature: '' },
})

const refused: RefusedResource[] = [{ resource: 'route/a/b', field: '', reason: 'UnknownKind' }]

function started(build: (one: Snapshot) => Promise<readonly RefusedResource[]> = () => Promise.resolve([])) {
  const events: SyncEvent[] = []
  const [apply, suspend, keep] = [vi.fn(build), vi.fn(() => Promise.resolve()), vi.fn()]
  const standing = new Standing({
    serving: { apply, suspend },
    folder: { keep, close: () => Promise.resolve() },
    observe: (event) => events.push(event),
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
  })
  return { standing, events, apply, suspend, keep }
}

const [a, b] = [snapshot('a'), snapshot('b')]

describe('Standing', () => {
  it('serves what a controller sends, and keeps it', async () => {
    const { standing, apply, keep } = started(() => Promise.resolve(refused))
    expect(standing.whole).toBe(false)
    expect(await standing.apply(a, signed(a, 1))).toEqual(refused)
    expect(standing.whole).toBe(true)
    // The leader says it again: nothing is built anew, but the new statement is kept.
    expect(await standing.apply(a, signed(a, 2))).toEqual(refused)
    standing.restate([])
    expect(await standing.apply(a, signed(a, 3))).toEqual([])
    expect(apply).toHaveBeenCalledOnce()
    expect(keep.mock.calls.map(([{ signed: one }]) => (one as SignedRevision).issuedAt)).toEqual([1, 2, 3])
    await standing.apply(b, signed(b, 4))
    expect(apply).toHaveBeenCalledTimes(2)
  })

  it('does not keep what cannot be built', async () => {
    const { standing, keep } = started(() => Promise.reject(new Error('x')))
    await expect(standing.apply(a, signed(a, 1))).rejects.toThrow()
    expect(standing.whole).toBe(false)
    expect(keep).not.toHaveBeenCalled()
  })

  it('serves what it finds of a last good snapshot, and tells what it is', async () => {
    const { standing, events, keep } = started()
    await standing.restore({ found: { snapshot: a, signed: signed(a, 5), whole: true }, last: null, faults: [] })
    expect(standing.whole).toBe(true)
    expect(keep).not.toHaveBeenCalled()
    expect(events).toEqual([{ type: 'restored', revision: a.revision, issuedAt: 5, refused: [], whole: true }])
  })

  it('is not whole with a part of it, and builds anew what then comes whole', async () => {
    const { standing, events, apply } = started()
    const part = { snapshot: a, signed: signed(a, 5), whole: false }
    await standing.restore({ found: part, last: null, faults: ['SECRETS_MISSING'] })
    expect(standing.whole).toBe(false)
    expect(events.map(({ type }) => type)).toEqual(['not-restored', 'restored'])
    await standing.apply(a, signed(a, 6))
    expect(standing.whole).toBe(true)
    expect(apply).toHaveBeenCalledTimes(2)
  })

  it('does without a last good snapshot that cannot be built', async () => {
    const { standing, events } = started(() => Promise.reject(new Error('x')))
    await standing.restore({ found: { snapshot: a, signed: signed(a, 5), whole: true }, last: null, faults: [] })
    expect(standing.whole).toBe(false)
    expect(events).toEqual([{ type: 'not-restored', code: 'BUILD_FAILED' }])
  })
})

describe('the age of a configuration', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
  afterEach(() => void vi.useRealTimers())
  const limited = snapshot('a', 60_000)

  it('ends it, unless the leader publishes it again', async () => {
    const { standing, events, suspend, apply } = started()
    await standing.apply(limited, signed(limited, 1_000_000))
    await vi.advanceTimersByTimeAsync(50_000)
    await standing.apply(limited, signed(limited, 1_050_000))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(standing.whole).toBe(true)
    await vi.advanceTimersByTimeAsync(2)
    expect(standing.whole).toBe(false)
    expect(suspend).toHaveBeenCalledOnce()
    expect(events).toEqual([{ type: 'expired', revision: limited.revision }])
    await standing.apply(limited, signed(limited, 1_110_002))
    expect(standing.whole).toBe(true)
    expect(apply).toHaveBeenCalledTimes(2)
  })

  it('counts from its publication, also when it comes from a file', async () => {
    const { standing, suspend } = started()
    const found = { snapshot: limited, signed: signed(limited, 950_000), whole: true }
    await standing.restore({ found, last: null, faults: [] })
    await vi.advanceTimersByTimeAsync(9_999)
    expect(suspend).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(2)
    expect(suspend).toHaveBeenCalledOnce()
  })

  it('does not end what comes while its end waits its turn', async () => {
    const building = Promise.withResolvers<readonly RefusedResource[]>()
    let first = true
    const { standing, suspend } = started(() => {
      if (!first) return building.promise
      first = false
      return Promise.resolve([])
    })
    await standing.apply(limited, signed(limited, 1_000_000))
    const coming = standing.apply(b, signed(b, 1_059_000))
    await vi.advanceTimersByTimeAsync(70_000)
    building.resolve([])
    await coming
    await vi.advanceTimersByTimeAsync(1)
    expect(suspend).not.toHaveBeenCalled()
    expect(standing.whole).toBe(true)
  })

  it('is without end when there is no limit, and with a limit that no timer can wait for', async () => {
    const distant = snapshot('a', 100 * 24 * 3_600_000)
    const { standing, suspend } = started()
    await standing.apply(a, signed(a, 0))
    await vi.advanceTimersByTimeAsync(1_000_000)
    await standing.apply(distant, signed(distant, 2_000_000))
    await vi.advanceTimersByTimeAsync(99 * 24 * 3_600_000)
    expect(suspend).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(24 * 3_600_000 + 1)
    expect(suspend).toHaveBeenCalledOnce()
    await standing.close()
  })
})
