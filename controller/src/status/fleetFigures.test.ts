import { fleetBounds, gatehouseStatus } from '@gatehouse/crds'
import { describe, expect, it } from 'vitest'
import { sessionOf } from '../push/sessionFixture.ts'
import type { SessionState } from '../push/sessions.ts'
import type { Fleet } from './fleet.ts'
import { figuresOf } from './fleetFigures.ts'

const [newest, older] = ['a'.repeat(64), 'b'.repeat(64)]

const session = (instance: string, rest: Partial<SessionState> = {}): SessionState =>
  sessionOf({ instance, revision: newest!, ...rest })

const fleet = (expected: number, ...sessions: SessionState[]): Fleet => ({
  expected,
  sessions,
  revision: newest,
  settling: false,
  dividedBy: 1,
  contentOf: () => null,
})

const refusal = (resource: string, field = '/rules/0') => ({ resource, field, reason: 'InvalidValue' as const })
const nack = { revision: newest, reason: 'HashMismatch' as const }

describe('figuresOf', () => {
  it('counts what serves, what is behind and what refused', () => {
    const state = fleet(
      5,
      session('a'),
      session('b', { revision: older }),
      session('c', { revision: null }),
      session('d', { refused: [refusal('route/a')] }),
      session('e', { revision: older, nack }),
    )
    expect(figuresOf(state)).toMatchObject({ desired: 5, ready: 4, behind: 3, refused: 2, revision: newest })
    expect(figuresOf(state, () => false)).toMatchObject({ ready: 4, behind: 0, refused: 2 })
  })

  it('names each data plane with what it serves and what it refused, in order', () => {
    const state = fleet(
      3,
      session('c', { revision: null }),
      session('b', { revision: older, nack }),
      session('a', { refused: [refusal('route/z'), refusal('route/a', '/b'), refusal('route/a', '/a')] }),
    )
    expect(figuresOf(state).dataPlanes).toEqual([
      {
        instance: 'a',
        version: '0.1.0',
        revision: newest,
        behind: false,
        refusedCount: 3,
        refused: [refusal('route/a', '/a'), refusal('route/a', '/b'), refusal('route/z')],
      },
      { instance: 'b', version: '0.1.0', revision: older, behind: true, nack: 'HashMismatch', refusedCount: 0 },
      { instance: 'c', version: '0.1.0', behind: true, refusedCount: 0 },
    ])
  })

  it('says the same in whatever order data planes came', () => {
    const sessions = ['b', 'c', 'a'].map((instance) => session(instance))
    expect(figuresOf(fleet(3, ...sessions))).toEqual(figuresOf(fleet(3, ...sessions.toReversed())))
  })

  it('names those with a problem where there are more than fit', () => {
    const many = Array.from({ length: 300 }, (_, index) => session(`dp-${String(index).padStart(3, '0')}`))
    const state = fleet(
      302,
      ...many,
      session('y-behind', { revision: older }),
      session('z-refused', { refused: [refusal('route/a')] }),
    )
    const { dataPlanes, behind, refused, ready } = figuresOf(state)
    expect({ behind, refused, ready }).toEqual({ behind: 1, refused: 1, ready: 302 })
    expect(dataPlanes).toHaveLength(100)
    expect(dataPlanes?.slice(-3).map(({ instance }) => instance)).toEqual(['dp-097', 'y-behind', 'z-refused'])
  })

  it('fits into an object and its schema, whatever data planes call themselves', () => {
    const evil = '\u001b[31m"\n\u202e'.repeat(100)
    const sessions = Array.from({ length: 150 }, () =>
      session(evil.slice(0, 253), {
        version: evil.slice(0, 64),
        revision: null,
        nack,
        refused: Array.from({ length: 1000 }, () => refusal(evil.slice(0, 700), evil.slice(0, 512))),
      }),
    )
    const figures = figuresOf(fleet(150, ...sessions))
    expect(gatehouseStatus.safeParse({ fleet: figures }).error).toBeUndefined()
    const text = JSON.stringify(figures)
    expect(text.length).toBeLessThan(512 * 1024)
    expect(text).toMatch(/^[\w.:/~?{}[\]",-]+$/)
    expect(figures.dataPlanes?.[0]).toMatchObject({ refusedCount: 1000 })
    expect(figures.dataPlanes?.[0]?.refused).toHaveLength(fleetBounds.refused)
  })
})
