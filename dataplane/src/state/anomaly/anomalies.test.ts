import { describe, expect, it } from 'vitest'
import { createAnomalies, type AnomalyBounds, type AnomalySettings } from './anomalies.ts'
import type { SpikeEvent } from './spikeEvent.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
/** A Monday, 00:00 UTC. */
const monday = Date.UTC(2026, 10, 23)

const tenant = '4:acme'

interface Wishes {
  readonly settings?: Partial<AnomalySettings>
  readonly bounds?: Partial<AnomalyBounds>
}

/** A week that is driven by hand. */
function driven({ settings = {}, bounds }: Wishes = {}) {
  let now = monday
  const events: SpikeEvent[] = []
  const clock = { now: () => now, monotonic: () => now }
  const sizes = { learned: 100, learnedInAll: 1000, fresh: 100, freshInAll: 1000, guaranteed: 0, ...bounds }
  const anomalies = createAnomalies({ clock, observe: (event) => events.push(event) }, sizes)
  const wanted: AnomalySettings = {
    ratio: 10,
    minRequests: 100,
    baseline: day,
    throttle: null,
    policy: 'shop/p',
    keys: ['Tenant'],
    tells: true,
    sink: null,
    ...settings,
  }
  const lease = anomalies.acquire('p', wanted)
  return {
    anomalies,
    lease,
    wanted,
    events,
    told: () => events.map(({ change }) => change),
    at: (time: number) => (now = time),
    now: () => now,
    note: (key = tenant) => lease.value.note(key),
    /** This many requests in the minute that begins now. */
    busy: (count: number, key = tenant): (number | null)[] => {
      const noted: (number | null)[] = []
      for (let sent = 0; sent < count; sent++) noted.push(lease.value.note(key))
      return noted
    },
  }
}

type Driven = ReturnType<typeof driven>

/** What a shop sees in a minute of this hour: nights are quiet, and at nine everybody comes. */
const usualAt = (time: number): number => {
  const ofDay = Math.floor(time / hour) % 24
  return ofDay === 9 ? 400 : ofDay >= 7 && ofDay < 20 ? 40 : 2
}

/** Two busy minutes of each hour until then, as usual. */
function live(world: Driven, until: number, key = tenant): void {
  for (let time = world.now(); time < until; time += hour) {
    for (const part of [10, 40]) {
      world.at(time + part * minute)
      world.busy(usualAt(time), key)
    }
  }
  world.at(until)
}

describe('what is unusual of a key', () => {
  it('is a spike at night, also in the first night that is judged', () => {
    const world = driven()
    live(world, monday + day + 3 * hour)
    world.at(monday + day + 3 * hour + 5 * minute)
    expect(world.busy(99).every((noted) => noted === null)).toBe(true)
    expect(world.told()).toEqual([])
    expect(world.busy(3)).toEqual([0, 0, 0])
    expect(world.events).toMatchObject([
      { change: 'started', policy: 'shop/p', key: [{ type: 'Tenant', value: 'acme' }], requests: 100, limit: 99 },
    ])
  })

  it('is not the peak of every day, nor one that begins a little early', () => {
    const world = driven()
    live(world, monday + 14 * day)
    expect(world.told()).toEqual([])
    const nine = monday + 14 * day + 9 * hour
    live(world, nine - hour)
    world.at(nine - 5 * minute)
    world.busy(390)
    world.at(nine + minute)
    world.busy(1200)
    expect(world.told()).toEqual([])
  })

  it('is not the peak of one weekday, once a week has been seen, and is the same on another day', () => {
    const world = driven()
    const peak = (time: number): void => {
      live(world, time)
      world.at(time + 20 * minute)
      world.busy(900)
    }
    const friday = monday + 4 * day + 2 * hour
    peak(friday)
    expect(world.told()).toEqual(['started'])
    live(world, friday + hour)
    for (let week = 1; week < 30; week++) peak(friday + week * 7 * day)
    const { length } = world.events
    peak(friday + 30 * 7 * day)
    expect(world.events).toHaveLength(length)
    peak(friday + 30 * 7 * day + 2 * day)
    expect(world.told().at(-1)).toBe('started')
    expect(world.events.length).toBeGreaterThan(length)
  })

  it('is nothing before the baseline is learned', () => {
    const world = driven()
    live(world, monday + day - hour)
    world.busy(100_000)
    expect(world.told()).toEqual([])
  })

  it('is told once, and once more when a whole minute was as usual', () => {
    const world = driven()
    live(world, monday + day + 3 * hour)
    for (let part = 0; part < 5; part++) {
      world.busy(500)
      world.at(world.now() + minute)
    }
    world.busy(50)
    expect(world.told()).toEqual(['started'])
    world.at(world.now() + minute)
    world.busy(1)
    expect(world.events.at(-1)).toMatchObject({ change: 'ended', requests: 500, since: monday + day + 3 * hour })
    expect(world.told()).toEqual(['started', 'ended'])
  })

  it('is over when nothing comes any more', () => {
    const world = driven()
    live(world, monday + day + 3 * hour)
    world.busy(500)
    expect(world.anomalies.spiking()).toBe(1)
    world.anomalies.sweep()
    expect(world.told()).toEqual(['started'])
    world.at(world.now() + 2 * minute)
    world.anomalies.sweep()
    expect(world.told()).toEqual(['started', 'ended'])
    expect(world.anomalies.spiking()).toBe(0)
  })

  it('does not become usual by going on: a spike teaches no hour more than twice what it was', () => {
    const world = driven()
    for (let week = 0; week < 3; week++) {
      const night = monday + (7 * week + 1) * day + 3 * hour
      live(world, night)
      world.at(night + 5 * minute)
      world.busy(5000)
      world.at(night + 7 * minute)
      world.anomalies.sweep()
      live(world, night + hour)
    }
    expect(world.told()).toEqual(['started', 'ended', 'started', 'ended', 'started', 'ended'])
  })

  it('lets through what the throttle says while it lasts, and all afterwards', () => {
    const world = driven({ settings: { throttle: { limit: 10, window: minute } } })
    live(world, monday + day + 3 * hour)
    const noted = world.busy(200)
    expect(noted.filter((wait) => wait === null)).toHaveLength(99)
    expect(noted.filter((wait) => wait === 0)).toHaveLength(10)
    expect(noted.at(-1)).toBe(6000)
    world.at(world.now() + 6000)
    expect(world.busy(2)).toEqual([0, 6000])
    world.at(world.now() + 2 * minute)
    expect(world.busy(20)).toEqual(Array.from({ length: 20 }, () => null))
  })

  it('belongs to its key', () => {
    const world = driven()
    live(world, monday + day + 3 * hour)
    world.busy(500)
    expect(world.busy(500, '4:evil').every((noted) => noted === null)).toBe(true)
    expect(world.told()).toEqual(['started'])
  })

  it('is known after a change of the limits, and forgotten when nobody asks for it', () => {
    const world = driven()
    live(world, monday + day + 3 * hour)
    const again = world.anomalies.acquire('p', { ...world.wanted, minRequests: 20 })
    world.lease.release()
    world.busy(21)
    expect(world.told()).toEqual(['started'])
    again.release()
    expect(world.anomalies.keys()).toEqual({ new: 0, learned: 0 })
    const anew = world.anomalies.acquire('p', world.wanted)
    for (let sent = 0; sent < 500; sent++) expect(anew.value.note(tenant)).toBeNull()
  })

  it('tells nobody of what is only tried, and is not in its figures', () => {
    const world = driven({ settings: { tells: false, throttle: { limit: 1, window: minute } } })
    live(world, monday + day + 3 * hour)
    expect(world.busy(200).some((wait) => (wait ?? 0) > 0)).toBe(true)
    expect(world.told()).toEqual([])
    const { anomalies } = world
    expect([anomalies.keys(), anomalies.spiking(), anomalies.started()]).toEqual([{ new: 0, learned: 0 }, 0, 0])
  })

  it('stands still when the clock goes back', () => {
    const world = driven()
    live(world, monday + day + 3 * hour)
    world.busy(60)
    world.at(world.now() - hour)
    world.busy(60)
    expect(world.told()).toEqual(['started'])
  })
})

describe('many keys', () => {
  it('cost no key its baseline that is in use', () => {
    const world = driven({ bounds: { learned: 5, fresh: 10 } })
    live(world, monday + day)
    for (let flood = 0; flood < 5000; flood++) world.note(`5:${String(flood).padStart(5, '0')}`)
    expect(world.anomalies.keys()).toEqual({ new: 10, learned: 1 })
    live(world, monday + day + 3 * hour)
    world.busy(500)
    expect(world.told()).toEqual(['started'])
  })

  it('get the room of those that nothing came of for two days', () => {
    const world = driven({ bounds: { learned: 1 } })
    live(world, monday + day)
    const next = '4:next'
    live(world, monday + 2 * day, next)
    expect(world.anomalies.keys()).toEqual({ new: 1, learned: 1 })
    live(world, monday + 5 * day, next)
    world.at(monday + 5 * day + 3 * hour)
    world.busy(500, next)
    expect(world.events).toMatchObject([{ change: 'started', key: [{ value: 'next' }] }])
  })

  it('of several policies share the bounds of all', () => {
    const world = driven({ bounds: { freshInAll: 3, learnedInAll: 0 } })
    const other = world.anomalies.acquire('other', world.wanted)
    for (const key of ['1:a', '1:b', '1:c', '1:d']) world.note(key)
    for (const key of ['1:a', '1:b']) other.value.note(key)
    expect(world.anomalies.keys()).toEqual({ new: 3, learned: 0 })
  })

  it('of one policy leave another what each may always have', () => {
    const world = driven({ bounds: { freshInAll: 3, learnedInAll: 3, guaranteed: 1 } })
    const other = world.anomalies.acquire('other', world.wanted)
    const keys = ['1:a', '1:b', '1:c', '1:d']
    for (const key of keys) world.note(key)
    for (const key of keys) other.value.note(key)
    expect(world.anomalies.keys()).toEqual({ new: 4, learned: 0 })
    world.at(monday + hour)
    for (const key of keys.slice(1)) world.note(key)
    other.value.note('1:d')
    expect(world.anomalies.keys()).toMatchObject({ learned: 4 })
  })
})
