import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sessionOf } from '../push/sessionFixture.ts'
import type { SessionState } from '../push/sessions.ts'
import type { Fleet } from './fleet.ts'
import type { FleetFigures } from './fleetFigures.ts'
import { FleetPace } from './fleetPace.ts'

const pace = { interval: 5_000, settle: 300, patience: 3_000 }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const session = (revision: string | null, rest: Partial<SessionState> = {}): SessionState =>
  sessionOf({ revision, ...rest })

const fleet = (revision: string, ...sessions: SessionState[]): Fleet => ({
  expected: sessions.length,
  sessions,
  revision,
  settling: false,
  dividedBy: 1,
  contentOf: () => null,
})

/** What is said over time, each statement once, with the millisecond in which it was first said. */
function setUp(first: Fleet) {
  const statements: (FleetFigures & { readonly at: number })[] = []
  const start = Date.now()
  let present = first
  const clock = { now: () => Date.now(), monotonic: () => Date.now() }
  const look = (): void => {
    const { said } = paced.paced(present)
    const last = statements.at(-1)
    const at = Date.now() - start
    if (JSON.stringify({ ...said, at: last?.at }) !== JSON.stringify(last)) statements.push({ ...said!, at })
  }
  const paced = new FleetPace({ clock, again: look, pace })
  look()
  return {
    statements,
    is: (next: Fleet): void => {
      present = next
      look()
    },
    close: () => paced.close(),
  }
}

describe('what is said of a fleet', () => {
  it('is said at once the first time, and what comes next once it has settled', () => {
    const { statements, is } = setUp(fleet('1'))
    is(fleet('1', session(null)))
    vi.advanceTimersByTime(100)
    is(fleet('1', session('1')))
    vi.advanceTimersByTime(10_000)
    expect(statements).toMatchObject([
      { at: 0, ready: 0 },
      { at: 300, ready: 1, behind: 0, dataPlanes: [{ revision: '1' }] },
    ])
  })

  it('does not follow fifty revisions a second, and calls nobody behind that takes them', () => {
    const { statements, is, close } = setUp(fleet('0', session('0')))
    for (let change = 1; change <= 1_000; change += 1) {
      is(fleet(String(change), session(String(change - 1))))
      vi.advanceTimersByTime(20)
    }
    expect(statements.map(({ at }) => at)).toEqual([0, 300, 5_300, 10_300, 15_300])
    expect(statements.every(({ behind }) => behind === 0)).toBe(true)
    is(fleet('1000', session('1000')))
    vi.advanceTimersByTime(10_000)
    expect(statements.at(-1)).toMatchObject({ revision: '1000', dataPlanes: [{ revision: '1000', behind: false }] })
    close()
  })

  it('is that a data plane is behind once it took nothing for a while, without another change', () => {
    const { statements, is } = setUp(fleet('1', session('1')))
    vi.advanceTimersByTime(60_000)
    is(fleet('2', session('1')))
    vi.advanceTimersByTime(60_000)
    expect(statements).toMatchObject([
      { at: 0, behind: 0 },
      { at: 60_300, revision: '2', behind: 0 },
      { at: 65_300, behind: 1, dataPlanes: [{ revision: '1', behind: true }] },
    ])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is not said again when it went back before it was said', () => {
    const { statements, is } = setUp(fleet('1', session('1')))
    is(fleet('1'))
    vi.advanceTimersByTime(100)
    is(fleet('1', session('1')))
    vi.advanceTimersByTime(60_000)
    expect(statements).toHaveLength(1)
  })

  it('plans nothing once it is closed', () => {
    const { is, close } = setUp(fleet('1', session('1')))
    is(fleet('2', session('1')))
    close()
    expect(vi.getTimerCount()).toBe(0)
  })
})
