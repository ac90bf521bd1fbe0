import { describe, expect, it } from 'vitest'
import { objectOf, pathOf, route, setUp, us, verdictOf, withVersion } from './writerFixture.ts'

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

  it('says when a key is about to expire and when it has, each once, though nothing else happens', async () => {
    const day = 86_400_000
    const expiries = [{ provider: 'partners', at: 'Secret keys /data/acme', end: Date.UTC(2026, 0, 9) }]
    const { memory, writer, statements, events, later } = setUp({ ...verdictOf('AccessPolicy', 'orders'), expiries })
    const look = async (): Promise<void> => {
      for (let time = 0; time < 3; time++) await writer.write(statements())
    }
    await look()
    expect(events).toEqual([])
    later(2 * day)
    await look()
    expect(events).toEqual(['orders ApiKeyExpiring'])
    later(7 * day)
    await look()
    expect(events).toEqual(['orders ApiKeyExpiring', 'orders ApiKeyExpired'])
    expect(memory.requests).toEqual(['put orders', 'put orders', 'put orders'])
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
