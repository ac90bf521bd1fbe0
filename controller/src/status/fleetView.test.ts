import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Verdict } from '../compile/verdict.ts'
import type { SessionState } from '../push/sessions.ts'
import { circuitFindings, circuitsOf } from './circuits.ts'
import { programmed, type Fleet } from './fleet.ts'
import { fleetView } from './fleetView.ts'

const keys = ['route/a', 'policy/a', 'upstream/a'] as const

const content = fc
  .tuple(...keys.map(() => fc.constantFrom('1', '2')))
  .map((hashes) => new Map(keys.map((key, index) => [key, { hash: hashes[index]! }])))

const session: fc.Arbitrary<SessionState> = fc.record({
  instance: fc.constantFrom('a', 'b'),
  version: fc.constant(''),
  revision: fc.constantFrom('wanted', 'other', 'unknown', null),
  refused: fc.array(
    fc.constantFrom(...keys).map((resource) => ({ resource, field: '', reason: 'InvalidValue' as const })),
    { maxLength: 1 },
  ),
  openCircuits: fc.subarray([
    { route: 'shop/a', rule: 'one', upstream: 'shop/a:80' },
    { route: 'shop/b', rule: 'one', upstream: 'shop/b:80' },
  ]),
  storeFault: fc.constantFrom(null, 'timeout' as const),
  nack: fc.constantFrom(null, null, null, { revision: 'wanted', reason: 'HashMismatch' as const }),
})

const fleet: fc.Arbitrary<Fleet> = fc
  .record({
    expected: fc.nat(3),
    sessions: fc.array(session, { maxLength: 3 }),
    settling: fc.boolean(),
    dividedBy: fc.integer({ min: 1, max: 3 }),
    wanted: content,
    other: fc.option(content),
  })
  .map(({ wanted, other, ...rest }) => ({
    ...rest,
    revision: 'wanted',
    contentOf: (revision) => (revision === 'wanted' ? wanted : revision === 'other' ? other : null),
  }))

const resources = fc.subarray([...keys])
const route = { spec: { rules: [{ name: 'one' }] } }

const verdictOf = (some: readonly string[]): Verdict => ({
  kind: 'GatewayRoute',
  namespace: 'shop',
  name: 'a',
  uid: '',
  generation: 1,
  parents: [],
  listeners: [],
  resources: some,
})

describe('what a fleet means for a verdict', () => {
  it('is one word only where it says the same', () => {
    fc.assert(
      fc.property(resources, fleet, fleet, (some, one, other) => {
        const words = [one, other].map((each) => fleetView(each).wordFor(verdictOf(some)))
        fc.pre(words[0] !== null && words[0] === words[1])
        expect(programmed(some, one)).toEqual(programmed(some, other))
        const findings = [one, other].map(({ sessions }) => circuitFindings(circuitsOf(sessions), 'shop/a', route))
        expect(findings[0]).toEqual(findings[1])
      }),
      { numRuns: 1000 },
    )
  })

  it('is that it is awaited where nothing else is to be said than that it does not serve yet', () => {
    fc.assert(
      fc.property(resources, fleet, (some, one) => {
        const awaited = fleetView(one).isAwaited(verdictOf(some))
        const { reason } = programmed(some, one)
        if (awaited) expect(reason).toBe('Reconciling')
        else if (one.sessions.every(({ refused, nack }) => refused.length === 0 && nack === null))
          expect(reason).not.toBe('Reconciling')
      }),
      { numRuns: 1000 },
    )
  })

  it('must be looked at for a Gatehouse, which tells of the whole fleet', () => {
    fc.assert(
      fc.property(resources, fleet, (some, one) => {
        expect(fleetView(one).wordFor({ ...verdictOf(some), kind: 'Gatehouse' })).toBeNull()
      }),
    )
  })
})
