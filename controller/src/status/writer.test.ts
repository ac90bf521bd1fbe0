import type { Json } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { worldOf } from '../compile/worldOf.ts'
import type { ConditionReason } from '../compile/reasons.ts'
import type { Verdict } from '../compile/verdict.ts'
import type { KubeObject, Written } from '../kube/client.ts'
import type { DueEvent } from './events.ts'
import { StatusWriter, type Statements, type WriteFailure } from './writer.ts'

const us = 'gatehouse.dev/gatehouse-system/edge'
const ref = { group: 'gatehouse.dev', kind: 'Gatehouse', namespace: 'gatehouse-system', name: 'edge' }

function verdictOf(kind: Verdict['kind'], name: string, reason: ConditionReason = 'Accepted'): Verdict {
  const status = reason === 'Accepted' ? 'True' : 'False'
  const findings = [{ type: 'Accepted', status, reason, message: 'words' }] as const
  const parents = [{ ref, findings, resources: ['route/x'] }]
  return { kind, namespace: 'shop', name, uid: `uid-${name}`, generation: 1, parents, listeners: [], resources: [] }
}

const objectOf = (kind: string, name: string, status?: Json): KubeObject => ({
  apiVersion: 'gatehouse.dev/v1alpha1',
  kind,
  metadata: { namespace: 'shop', name, uid: `uid-${name}`, resourceVersion: '1', generation: 1 },
  spec: { hostnames: ['a.example'] },
  ...(status === undefined ? {} : { status }),
})

const withVersion = (object: KubeObject, resourceVersion: string): KubeObject => ({
  ...object,
  metadata: { ...(object['metadata'] as KubeObject), resourceVersion },
})

/** An API server's memory, which a test may spoil. */
class Memory {
  readonly objects = new Map<string, KubeObject>()
  readonly requests: string[] = []
  /** Answers before the memory does, while it gives something. */
  before: (request: string) => Promise<Written | null> = () => Promise.resolve(null)

  async get(path: string): Promise<KubeObject | null> {
    this.requests.push(`get ${path.split('/').at(-1)}`)
    return await Promise.resolve(this.objects.get(path) ?? null)
  }

  apply = (path: string, object: Json): Promise<Written> => this.#write('apply', path, object as KubeObject)
  put = (path: string, object: Json): Promise<Written> => this.#write('put', path, object as KubeObject)

  async #write(verb: string, statusPath: string, object: KubeObject): Promise<Written> {
    const path = statusPath.replace(/\/status$/, '')
    const request = `${verb} ${path.split('/').at(-1)}`
    this.requests.push(request)
    const answer = await this.before(request)
    if (answer !== null) return answer
    const present = this.objects.get(path)
    if (present === undefined) return 'gone'
    const { resourceVersion: given } = object['metadata'] as { resourceVersion?: string }
    const { resourceVersion: held } = present['metadata'] as { resourceVersion: string }
    if (given !== undefined && given !== held) return 'conflict'
    const after = withVersion({ ...present, status: object['status'] ?? null }, String(Number(held) + 1))
    this.objects.set(path, after)
    return { object: after }
  }
}

const plurals = { Gatehouse: 'gatehouses', GatewayRoute: 'gatewayroutes', AccessPolicy: 'accesspolicies' } as const
const pathOf = ({ kind, name }: Verdict): string =>
  `/apis/gatehouse.dev/v1alpha1/namespaces/shop/${plurals[kind]}/${name}`

function setUp(...verdicts: readonly Verdict[]) {
  const memory = new Memory()
  for (const verdict of verdicts) memory.objects.set(pathOf(verdict), objectOf(verdict.kind, verdict.name))
  const failures: WriteFailure[] = []
  const events: string[] = []
  let now = Date.UTC(2026, 0, 1)
  const leader: { term: number | null } = { term: 1 }
  const writer = new StatusWriter({
    client: memory,
    authority: { term: () => leader.term },
    events: {
      record: (object, due: readonly DueEvent[]) => {
        for (const { reason } of due) events.push(`${object.meta.name} ${reason}`)
        return Promise.resolve()
      },
    },
    controllerName: us,
    clock: { now: () => (now += 1_000), monotonic: () => now },
    failed: (failure) => failures.push(failure),
    settle: 0,
    retry: 0,
  })
  const statements = (about = verdicts, objects: Iterable<KubeObject> = memory.objects.values()): Statements => ({
    verdicts: about,
    world: worldOf(objects, 'FromMetadata'),
    fleet: { expected: 0, sessions: [], revision: 'r', settling: false, contentOf: () => null },
    term: 1,
  })
  const statusOf = (verdict: Verdict) => memory.objects.get(pathOf(verdict))?.['status']
  return { memory, leader, writer, failures, events, statements, statusOf }
}

const foreign = {
  parentRef: { group: 'gatehouse.dev', kind: 'Gatehouse', namespace: 'other', name: 'inner' },
  controllerName: 'gatehouse.dev/other/inner',
  conditions: [
    {
      type: 'Accepted',
      status: 'False',
      observedGeneration: 1,
      lastTransitionTime: '2026-01-01T00:00:00Z',
      reason: 'HostNotAllowed',
      message: '',
    },
  ],
}

const route = verdictOf('GatewayRoute', 'orders')

describe('the status writer', () => {
  it('applies the status of a Gatehouse and replaces that of the others, once', async () => {
    const own = [verdictOf('Gatehouse', 'edge'), route, verdictOf('AccessPolicy', 'orders')]
    const { memory, writer, statements } = setUp(...own)
    await writer.write(statements())
    expect(memory.requests.toSorted()).toEqual(['apply edge', 'put orders', 'put orders'])
    await writer.write(statements())
    expect(memory.requests).toHaveLength(3)
  })

  it('keeps the times of its own last write while the world has not seen it', async () => {
    const { memory, writer, statements, statusOf } = setUp(route)
    const stale = [...memory.objects.values()]
    await writer.write(statements([route], stale))
    const written = statusOf(route)
    await writer.write(statements([route], stale))
    expect(memory.requests).toEqual(['put orders'])
    expect(statusOf(route)).toEqual(written)
  })

  it('reads again what somebody else wrote meanwhile, keeps it, and makes the worst of all', async () => {
    const { memory, writer, statements, statusOf } = setUp(route)
    const before = statements()
    memory.objects.set(
      pathOf(route),
      withVersion(objectOf('GatewayRoute', 'orders', { parents: [foreign], conditions: foreign.conditions }), '7'),
    )
    await writer.write(before)
    expect(memory.requests).toEqual(['put orders', 'get orders', 'put orders'])
    expect(statusOf(route)).toMatchObject({
      parents: [foreign, { controllerName: us, conditions: [{ type: 'Accepted', status: 'True' }, {}] }],
      conditions: [{ type: 'Accepted', status: 'False', reason: 'HostNotAllowed' }, {}],
    })
  })

  it('leaves alone what it has nothing to say about', async () => {
    const quiet = { ...route, parents: [] }
    const { memory, writer, statements } = setUp(quiet)
    await writer.write(statements())
    memory.objects.set(pathOf(route), objectOf('GatewayRoute', 'orders', { parents: [foreign] }))
    await writer.write(statements())
    expect(memory.requests).toEqual([])
  })

  it('takes its own entries out of what no longer concerns it', async () => {
    const { memory, writer, statements, statusOf } = setUp(route)
    await writer.write(statements())
    await writer.write(statements([{ ...route, parents: [] }]))
    expect(memory.requests).toHaveLength(2)
    expect(statusOf(route)).toEqual({ parents: [], conditions: [] })
  })

  it('passes over what is gone, or is another object of the same name', async () => {
    const remade = verdictOf('GatewayRoute', 'remade')
    const { memory, writer, statements, failures } = setUp(route, remade)
    const before = statements()
    memory.objects.delete(pathOf(route))
    memory.objects.set(pathOf(remade), withVersion(objectOf('GatewayRoute', 'remade'), '9'))
    memory.before = async (request) => {
      if (request !== 'put remade') return null
      memory.objects.set(pathOf(remade), { metadata: { uid: 'another', resourceVersion: '10' } })
      return await Promise.resolve('conflict')
    }
    await writer.write(before)
    expect(memory.requests.toSorted()).toEqual(['get remade', 'put orders', 'put remade'])
    expect(failures).toEqual([])
  })

  it('tries again what failed, and names one object a round', async () => {
    const many = Array.from({ length: 20 }, (_, index) => verdictOf('GatewayRoute', `route-${index}`))
    const { memory, writer, statements, failures, statusOf } = setUp(...many)
    memory.before = () => {
      if (memory.requests.length > 20) return Promise.resolve(null)
      return Promise.reject(new Error('down'))
    }
    await writer.write(statements())
    expect(failures).toMatchObject([{ object: 'GatewayRoute shop/route-0', count: 20 }])
    expect(many.every((verdict) => statusOf(verdict) !== undefined)).toBe(true)
  })

  it('gives an object up for a round when others write it without end', async () => {
    const { memory, writer, statements, failures } = setUp(route)
    memory.before = () => Promise.resolve(memory.requests.length < 10 ? 'conflict' : null)
    await writer.write(statements())
    expect(failures).toMatchObject([{ object: 'GatewayRoute shop/orders', error: { code: 'CONTENDED' } }])
    expect(memory.requests.filter((request) => request === 'put orders')).toHaveLength(6)
  })

  it('has at most eight requests under way, and drops what newer statements replace', async () => {
    const many = Array.from({ length: 40 }, (_, index) => verdictOf('GatewayRoute', `route-${index}`))
    const { memory, writer, statements } = setUp(...many)
    const held = Promise.withResolvers<null>()
    const eight = Promise.withResolvers<void>()
    memory.before = () => {
      if (memory.requests.length === 8) eight.resolve()
      return held.promise
    }
    const done = writer.write(statements())
    await eight.promise
    const newer = writer.write(statements(many.slice(0, 8)))
    held.resolve(null)
    await Promise.all([done, newer])
    expect(memory.requests).toHaveLength(8)
  })

  it('tells of a new reason for a person to act, from its own entries only', async () => {
    const broken = verdictOf('GatewayRoute', 'orders', 'NoMatchingParent')
    const { memory, writer, statements, events } = setUp(broken)
    memory.objects.set(pathOf(broken), objectOf('GatewayRoute', 'orders', { parents: [foreign] }))
    await writer.write(statements())
    await writer.write(statements())
    await writer.write(statements([route]))
    expect(events).toEqual(['orders NoMatchingParent'])
  })

  it('tells of its own fault even where another installation has the same', async () => {
    const broken = verdictOf('GatewayRoute', 'orders', 'HostNotAllowed')
    const { memory, writer, statements, events } = setUp(broken)
    memory.objects.set(pathOf(broken), objectOf('GatewayRoute', 'orders', { parents: [foreign] }))
    await writer.write(statements())
    expect(events).toEqual(['orders HostNotAllowed'])
  })

  it('writes nothing in another term than the one in which it was said', async () => {
    const { memory, leader, writer, statements } = setUp(route)
    for (const term of [null, 2]) {
      leader.term = term
      await writer.write(statements())
    }
    expect(memory.requests).toEqual([])
  })

  it('asks before each write whether the term lasts, also before one again, and tells nothing after it', async () => {
    const many = Array.from({ length: 20 }, (_, index) =>
      verdictOf('GatewayRoute', `route-${index}`, 'NoMatchingParent'),
    )
    const { memory, leader, writer, statements, events, failures } = setUp(...many)
    memory.before = (request) => {
      leader.term = null
      return Promise.resolve(request === 'put route-0' ? 'conflict' : null)
    }
    await writer.write(statements())
    const [begun, again] = [/^put/, /^get/].map((verb) => memory.requests.filter((request) => verb.test(request)))
    expect([begun, again, events, failures]).toEqual([['put route-0'], ['get route-0'], [], []])
  })

  it('ends its attempts when it is closed', async () => {
    const { memory, writer, statements, failures } = setUp(route)
    const tried = Promise.withResolvers<void>()
    memory.before = () => {
      if (memory.requests.length === 3) tried.resolve()
      return Promise.reject(new Error('down'))
    }
    const done = writer.write(statements())
    await tried.promise
    await writer.close()
    await done
    expect([memory.requests.length, failures.length]).toEqual([3, 2])
  })

  it('writes nothing more after it was closed', async () => {
    const { memory, writer, statements } = setUp(route)
    await writer.close()
    await writer.write(statements())
    expect(memory.requests).toEqual([])
  })
})
