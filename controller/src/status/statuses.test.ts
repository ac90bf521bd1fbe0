import type { Condition } from '@gatehouse/crds'
import type { Json } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { sentence } from '../compile/findings.ts'
import type { Finding, Verdict } from '../compile/verdict.ts'
import { sessionOf } from '../push/sessionFixture.ts'
import type { Fleet } from './fleet.ts'
import { controllerNameOf, statusOf, type GatewayRouteStatus } from './statuses.ts'

const edge = controllerNameOf({ namespace: 'gatehouse-system', name: 'edge' })
const internal = controllerNameOf({ namespace: 'gatehouse-system', name: 'internal' })
const refOf = (name: string) => ({ group: 'gatehouse.dev', kind: 'Gatehouse', namespace: 'gatehouse-system', name })

const accepted: Finding = { type: 'Accepted', status: 'True', reason: 'Accepted', message: sentence('Accepted') }
const refused: Finding = { ...accepted, status: 'False', reason: 'NoMatchingParent', message: 'No' }

const verdict = (name: string, finding: Finding, generation = 1): Verdict => ({
  kind: 'GatewayRoute',
  namespace: 'shop',
  name: 'orders',
  uid: '',
  generation,
  parents: [{ ref: refOf(name), findings: [finding], resources: ['route/shop/orders'] }],
  listeners: [],
  resources: ['route/shop/orders'],
})

const revision = 'a'.repeat(64)

const fleet: Fleet = {
  expected: 1,
  sessions: [sessionOf({ revision })],
  revision,
  settling: false,
  dividedBy: 1,
  contentOf: () => new Map([['route/shop/orders', { hash: 'h' }]]),
}

const first = Date.UTC(2026, 0, 1)
const later = Date.UTC(2026, 1, 2)

function written(one: Verdict, status: unknown, now = later, controllerName = edge): GatewayRouteStatus {
  return writtenOf(fleet, one, status, { controllerName, now }) as GatewayRouteStatus
}

function writtenOf(state: Fleet, one: Verdict, status: unknown, writer = { controllerName: edge, now: later }) {
  return statusOf(one, { status: (status ?? null) as Json }, state, writer)
}

const conditionOf = (conditions: readonly Condition[] | undefined, type: string): Condition | undefined =>
  conditions?.find((condition) => condition.type === type)

describe('the status of a route', () => {
  it('stays what it is while nothing changes', () => {
    const before = written(verdict('edge', accepted), null, first)
    expect(written(verdict('edge', accepted), before)).toEqual(before)
  })

  it('keeps the time of a condition while its status stays, also with another reason and generation', () => {
    const before = written(verdict('edge', refused), null, first)
    const other: Finding = { ...refused, reason: 'NotAllowedByListeners' }
    const after = written(verdict('edge', other, 2), before)
    expect(conditionOf(after.conditions, 'Accepted')).toMatchObject({
      reason: 'NotAllowedByListeners',
      observedGeneration: 2,
      lastTransitionTime: '2026-01-01T00:00:00Z',
    })
  })

  it('moves the time of a condition whose status changes, and only that', () => {
    const before = written(verdict('edge', refused), null, first)
    const { parents } = written(verdict('edge', accepted), before)
    expect(conditionOf(parents?.[0]?.conditions, 'Accepted')?.lastTransitionTime).toBe('2026-02-02T00:00:00Z')
    expect(conditionOf(parents?.[0]?.conditions, 'Programmed')?.status).toBe('True')
  })

  it('is not programmed while it is not accepted', () => {
    const { conditions } = written(verdict('edge', refused), null)
    expect(conditionOf(conditions, 'Programmed')).toMatchObject({ status: 'False', reason: 'NotAccepted' })
  })

  it('comes to rest when two controllers write it in turn, in either order', () => {
    let status: unknown = null
    const turn = (): void => {
      status = written(verdict('internal', refused), status, later, internal)
      status = written(verdict('edge', accepted), status)
    }
    turn()
    const once = status
    turn()
    expect(status).toEqual(once)
    expect((status as GatewayRouteStatus).parents).toHaveLength(2)
  })

  it('says the worst of all entries above', () => {
    const other = written(verdict('internal', refused, 3), null, first, internal)
    const { conditions } = written(verdict('edge', accepted, 3), other)
    expect(conditionOf(conditions, 'Accepted')).toMatchObject({ status: 'False', reason: 'NoMatchingParent' })
  })

  it('says above the generation that all entries have seen', () => {
    const other = written(verdict('internal', accepted, 2), null, first, internal)
    const { conditions } = written(verdict('edge', accepted, 3), other)
    expect(conditionOf(conditions, 'Accepted')?.observedGeneration).toBe(2)
  })

  it('drops entries of ours that no verdict speaks of, and keeps those of others', () => {
    const both = written(verdict('edge', accepted), written(verdict('internal', accepted), null, first, internal))
    const { parents } = written({ ...verdict('edge', accepted), parents: [] }, both)
    expect(parents?.map(({ controllerName }) => controllerName)).toEqual([internal])
  })

  it.each([null, 'text', { parents: 'x', conditions: 7 }, { parents: [null, {}, { parentRef: {} }] }])(
    'is not confused by %j in its place',
    (status) => {
      expect(written(verdict('edge', accepted), status).parents).toHaveLength(1)
    },
  )
})

describe('while leaders change', () => {
  const nobody: Fleet = { ...fleet, sessions: [], settling: true }
  const served = written(verdict('edge', accepted), null, first)
  const programmedOf = (state: Fleet, one: Verdict, status: unknown): Condition | undefined =>
    conditionOf(writtenOf(state, one, status).conditions, 'Programmed')

  it.each<[string, Fleet]>([
    ['is there', nobody],
    ['is expected', { ...nobody, expected: 0 }],
  ])('what was served is not taken back because no data plane %s', (_, state) => {
    expect(writtenOf(state, verdict('edge', accepted), served)).toEqual(served)
    expect(programmedOf({ ...state, settling: false }, verdict('edge', accepted), served)?.status).toBe('False')
  })

  it('a circuit that was open is not taken back because no data plane names it', () => {
    const open = { route: 'shop/orders', rule: 'all', upstream: 'shop/web:80' }
    const failing: Fleet = { ...fleet, sessions: fleet.sessions.map((one) => ({ ...one, openCircuits: [open] })) }
    const raw = (status: unknown) => ({ spec: { rules: [{ name: 'all' }] }, status: status as Json })
    const one = verdict('edge', accepted)
    const writer = { controllerName: 'edge', now: first }
    const before = statusOf(one, raw(null), failing, writer)
    expect(conditionOf(before.conditions, 'CircuitOpen')?.status).toBe('True')
    expect(statusOf(one, raw(before), nobody, writer)).toEqual(before)
    const after = statusOf(one, raw(before), { ...nobody, settling: false }, writer)
    expect(conditionOf(after.conditions, 'CircuitOpen')).toBeUndefined()
  })

  it('a store that could not be counted in is not called well because no data plane complains', () => {
    const failing: Fleet = { ...fleet, sessions: [sessionOf({ revision, storeFault: 'timeout' })] }
    const resources = ['quotaStore/quota-store']
    const gatehouse: Verdict = { ...verdict('edge', accepted), kind: 'Gatehouse', resources }
    const before = writtenOf(failing, gatehouse, null)
    const outageIn = (status: typeof before) => conditionOf(status.conditions, 'QuotaStoreUnavailable')
    expect(outageIn(before)).toMatchObject({ status: 'True', message: expect.stringMatching(/at 1 of 1 data plane$/) })
    expect(outageIn(writtenOf(nobody, gatehouse, before))).toEqual(outageIn(before))
    expect(outageIn(writtenOf({ ...nobody, settling: false }, gatehouse, before))).toBeUndefined()
  })

  it('a newer generation is not said to be served', () => {
    expect(programmedOf(nobody, verdict('edge', accepted, 2), served)).toMatchObject({
      status: 'True',
      observedGeneration: 1,
    })
  })

  it('what data planes do say counts at once', () => {
    const refusal = { resource: 'route/shop/orders', field: '', reason: 'InvalidValue' as const }
    const refusing: Fleet = { ...nobody, sessions: [{ ...fleet.sessions[0]!, refused: [refusal] }] }
    const after = writtenOf(refusing, verdict('edge', accepted), served)
    expect(conditionOf(after.conditions, 'Programmed')?.reason).toBe('RefusedByDataPlane')
    expect(programmedOf(nobody, verdict('edge', accepted), after)?.reason).toBe('RefusedByDataPlane')
  })

  it('what the compiler says counts at once, and what it took back does too', () => {
    const after = writtenOf(nobody, verdict('edge', refused), served)
    expect(conditionOf(after.conditions, 'Programmed')?.reason).toBe('NotAccepted')
    expect(programmedOf(nobody, verdict('edge', accepted), after)?.reason).toBe('Reconciling')
  })

  it('a Gatehouse keeps its conditions, those of its listeners, and its figures until as many are there again', () => {
    const listener = { name: 'http', attachedRoutes: 1, findings: [accepted], resources: ['route/shop/orders'] }
    const gatehouse: Verdict = { ...verdict('edge', accepted), kind: 'Gatehouse', listeners: [listener] }
    const before = writtenOf(fleet, gatehouse, null)
    expect(before).toMatchObject({ fleet: { ready: 1 } })
    expect(writtenOf(nobody, gatehouse, before)).toEqual(before)
    const behind: Fleet = { ...nobody, revision: 'b'.repeat(64), sessions: fleet.sessions }
    expect(writtenOf(behind, gatehouse, before)).toMatchObject({ fleet: { ready: 1, behind: 1 } })
    expect(writtenOf({ ...nobody, expected: 2 }, gatehouse, before)).toMatchObject({ fleet: { desired: 2, ready: 1 } })
  })
})

describe('the order of badness', () => {
  const problem = (type: Finding['type'], reason: Finding['reason']): Finding => ({
    type,
    status: 'True',
    reason,
    message: '',
  })

  it('takes a condition that is good when absent as bad when true', () => {
    const parents = [
      { ref: refOf('edge'), findings: [accepted], resources: ['route/shop/orders'] },
      {
        ref: { ...refOf('edge'), sectionName: 'https' },
        findings: [accepted, problem('PartiallyInvalid', 'NoWeight')],
        resources: ['route/shop/orders'],
      },
    ]
    const { conditions } = written({ ...verdict('edge', accepted), parents }, null)
    expect(conditions?.map(({ type, status }) => `${type}=${status}`)).toEqual([
      'Accepted=True',
      'Programmed=True',
      'PartiallyInvalid=True',
    ])
  })
})
