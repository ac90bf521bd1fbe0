import type { Json } from '@gatehouse/contract'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { worldOf } from './compile/worldOf.ts'
import { countedDataPlanes, FleetSize, rememberedDataPlanes } from './fleetSize.ts'
import { sessionOf } from './push/sessionFixture.ts'
import type { SessionState } from './push/sessions.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** What limits are divided by over time, each number with the millisecond in which it was first so. */
function setUp(first: number) {
  const start = Date.now()
  const seen: [at: number, size: number][] = []
  let counted = first
  const look = (): void => {
    const found = size.settle(counted)
    if (found !== seen.at(-1)?.[1]) seen.push([Date.now() - start, found])
  }
  const size = new FleetSize({ clock: { now: () => Date.now(), monotonic: () => Date.now() }, again: look })
  look()
  return {
    seen,
    is: (count: number): void => {
      counted = count
      look()
    },
    size,
  }
}

describe('FleetSize', () => {
  it('counts one more at once', () => {
    const fleet = setUp(2)
    for (const count of [3, 4, 5]) fleet.is(count)
    expect(fleet.seen).toEqual([
      [0, 2],
      [0, 3],
      [0, 4],
      [0, 5],
    ])
  })

  it('counts one less when it has been so for half a minute, by itself', () => {
    const fleet = setUp(5)
    vi.advanceTimersByTime(1000)
    fleet.is(2)
    vi.advanceTimersByTime(29_999)
    expect(fleet.seen).toEqual([[0, 5]])
    vi.advanceTimersByTime(1)
    expect(fleet.seen).toEqual([
      [0, 5],
      [31_000, 2],
    ])
  })

  it('says nothing of data planes that flap', () => {
    const fleet = setUp(3)
    for (let round = 0; round < 100; round++) {
      fleet.is(round % 2 === 0 ? 2 : 3)
      vi.advanceTimersByTime(5000)
    }
    expect(fleet.seen).toEqual([[0, 3]])
  })

  it('goes down to the most that there were meanwhile, and then on', () => {
    const fleet = setUp(5)
    fleet.is(1)
    vi.advanceTimersByTime(20_000)
    fleet.is(3)
    vi.advanceTimersByTime(5000)
    fleet.is(2)
    vi.advanceTimersByTime(5000)
    expect(fleet.seen).toEqual([
      [0, 5],
      [30_000, 3],
    ])
    vi.advanceTimersByTime(30_000)
    expect(fleet.seen.at(-1)).toEqual([55_000, 2])
  })

  it('goes down all the way where they go one after the other', () => {
    const fleet = setUp(5)
    for (const count of [4, 3, 2]) {
      fleet.is(count)
      vi.advanceTimersByTime(100)
    }
    vi.advanceTimersByTime(60_000)
    expect(fleet.seen.at(-1)).toEqual([30_200, 2])
  })

  it('is never less than one, and plans nothing more then', () => {
    const fleet = setUp(0)
    fleet.is(0)
    expect(fleet.seen).toEqual([[0, 1]])
    expect(vi.getTimerCount()).toBe(0)
    fleet.is(4)
    fleet.is(0)
    fleet.size.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})

const own = { namespace: 'gatehouse-system', name: 'edge' }

const endpoint = (address: string, pod: string | null, ready = true): Json => ({
  addresses: [address],
  conditions: { ready },
  ...(pod !== null && { targetRef: { kind: 'Pod', name: pod } }),
})

const withEndpoints = (...endpoints: Json[]) =>
  worldOf(
    [
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { namespace: own.namespace, name: 'edge-a', labels: { 'kubernetes.io/service-name': 'edge' } },
        endpoints,
      },
    ],
    'FromMetadata',
  )

const session = (instance: string, over: Partial<SessionState> = {}): SessionState =>
  sessionOf({ instance, revision: 'r', ...over })

describe('countedDataPlanes', () => {
  it('counts those that are ready and those that are connected, each once', () => {
    const world = withEndpoints(endpoint('10.0.0.1', 'a'), endpoint('10.0.0.2', 'b'), endpoint('10.0.0.3', 'c', false))
    expect(countedDataPlanes(world, own, [])).toBe(2)
    expect(countedDataPlanes(world, own, [session('a'), session('b')])).toBe(2)
    // One that drains is connected, one that no controller reaches is ready.
    expect(countedDataPlanes(world, own, [session('a'), session('d')])).toBe(3)
  })

  it('counts one that is about to serve, and none that has never taken anything', () => {
    const world = withEndpoints()
    const refused = { revision: 'r', reason: 'HashMismatch' as const }
    expect(countedDataPlanes(world, own, [session('a', { revision: null })])).toBe(1)
    expect(countedDataPlanes(world, own, [session('a', { revision: null, nack: refused })])).toBe(0)
    expect(countedDataPlanes(world, own, [session('a', { nack: refused })])).toBe(1)
  })

  it('counts endpoints whose Pod nobody knows by their addresses, and only sessions where there is no Service', () => {
    const world = withEndpoints(endpoint('10.0.0.1', null), endpoint('10.0.0.2', null))
    expect(countedDataPlanes(world, own, [session('a')])).toBe(2)
    expect(countedDataPlanes(world, null, [session('a')])).toBe(1)
  })
})

describe('rememberedDataPlanes', () => {
  const told = (fleet: Json) =>
    worldOf(
      [
        {
          apiVersion: 'gatehouse.dev/v1alpha1',
          kind: 'Gatehouse',
          metadata: own,
          spec: {},
          status: { fleet },
        },
      ],
      'FromMetadata',
    )

  it('is what the status tells, bounded, and nothing where it tells nothing', () => {
    expect(rememberedDataPlanes(told({ desired: 2, ready: 3, behind: 0, refused: 0 }), own)).toBe(3)
    expect(rememberedDataPlanes(told({ desired: 1_000_000, ready: 3, behind: 0, refused: 0 }), own)).toBe(1000)
    expect(rememberedDataPlanes(told({ desired: 'many' }), own)).toBe(0)
    expect(rememberedDataPlanes(worldOf([], 'FromMetadata'), own)).toBe(0)
  })
})
