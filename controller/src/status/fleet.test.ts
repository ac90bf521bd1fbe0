import { describe, expect, it } from 'vitest'
import { sessionOf } from '../push/sessionFixture.ts'
import type { SessionState } from '../push/sessions.ts'
import { programmed, type Fleet } from './fleet.ts'

const contents: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  new: { 'route/a': '2', 'route/b': '1' },
  old: { 'route/a': '1', 'route/b': '1' },
}

const session = (revision: string | null, rest: Partial<SessionState> = {}): SessionState =>
  sessionOf({ revision, ...rest })

const fleet = (expected: number, ...sessions: SessionState[]): Fleet => ({
  expected,
  sessions,
  revision: 'new',
  settling: false,
  dividedBy: 1,
  contentOf: (revision) => {
    const content = contents[revision]
    return content ? new Map(Object.entries(content).map(([key, hash]) => [key, { hash }])) : null
  },
})

const refusal = (resource: string) => ({ resource, field: '/rules/0', reason: 'InvalidValue' as const })
const nack = (reason: 'HashMismatch' | 'Malformed') => ({ revision: 'new', reason })

describe('programmed', () => {
  it.each<[string, readonly string[], Fleet, string]>([
    ['all serve it', ['route/a'], fleet(2, session('new'), session('new')), 'Programmed'],
    ['one serves an older form', ['route/a'], fleet(2, session('new'), session('old')), 'Reconciling'],
    ['one serves an older revision with the same form', ['route/b'], fleet(1, session('old')), 'Programmed'],
    ['one serves a revision that nobody remembers', ['route/b'], fleet(1, session('lost')), 'Reconciling'],
    ['fewer are connected than are ready', ['route/a'], fleet(2, session('new')), 'Reconciling'],
    ['none is connected though one is ready', ['route/a'], fleet(1), 'Reconciling'],
    ['none is ready', ['route/a'], fleet(0, session('new')), 'NoDataPlanes'],
    ['one that starts has nothing yet', ['route/a'], fleet(1, session('new'), session(null)), 'Programmed'],
    ['the resource is not in the revision', ['route/c'], fleet(1, session('new')), 'Reconciling'],
    ['nothing was made of it', [], fleet(1, session('new')), 'ListenerNotReady'],
    [
      'one refused it',
      ['route/a'],
      fleet(2, session('new'), session('new', { refused: [refusal('route/a')] })),
      'RefusedByDataPlane',
    ],
    ['one refused another', ['route/b'], fleet(1, session('new', { refused: [refusal('route/a')] })), 'Programmed'],
    [
      'one refused its older form',
      ['route/a'],
      fleet(1, session('old', { refused: [refusal('route/a')] })),
      'Reconciling',
    ],
    [
      'one did not take the update',
      ['route/a'],
      fleet(1, session('old', { nack: nack('HashMismatch') })),
      'RefusedByDataPlane',
    ],
    [
      'one did not take an update that left it alone',
      ['route/b'],
      fleet(1, session('old', { nack: nack('HashMismatch') })),
      'Programmed',
    ],
    [
      'one did not take its first',
      ['route/b'],
      fleet(1, session(null, { nack: nack('Malformed') })),
      'RefusedByDataPlane',
    ],
  ])('where %s', (_, keys, state, reason) => {
    const found = programmed(keys, state)
    expect(found).toMatchObject({ type: 'Programmed', reason, status: reason === 'Programmed' ? 'True' : 'False' })
  })

  it('says what was refused and why, in plain characters', () => {
    const refused = [{ ...refusal('route/a'), field: '/rules/\u001b[31m<x>' }]
    const { message } = programmed(['route/a'], fleet(1, session('new', { refused })))
    expect(message).toBe('A data plane refused it: InvalidValue route/a /rules/??31m?x?')
  })
})
