import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { openRaw, sendRaw, type RawConnection } from '../../support/raw.ts'
import type { Fixture, Wishes } from './fixture.ts'
import { codeOf, head, keeper, timeouts, until } from './keeper.ts'

const { backend, keep, start } = keeper()

/** A backend that answers when it is told to. */
async function holding(action: Wishes['action']) {
  const held: ServerResponse[] = []
  const target = await backend((_request, response) => void held.push(response))
  const fixture = await start({ targets: [target], action: { ...action } })
  const ask = async (): Promise<RawConnection> => {
    const client = await openRaw(fixture)
    await keep({ close: async () => client.close() })
    await client.send(head('GET', '/'))
    return client
  }
  return { fixture, target, held, ask, answer: () => void held.shift()?.end('ok') }
}

const statusOf = async (client: RawConnection): Promise<number | undefined> =>
  (await client.read(1)).responses[0]?.status

const refusedAt = async (fixture: Fixture): Promise<void> => {
  const { responses } = await sendRaw(fixture, head('GET', '/'), { responses: 1 })
  expect([responses[0]?.status, codeOf(responses[0])]).toEqual([503, 'upstream-overloaded'])
  expect(responses[0]?.headers.get('retry-after')).toEqual(['1'])
}

describe('requests beyond maxParallel', () => {
  it('wait in their order, and are refused at once beyond maxPending', async () => {
    const { fixture, target, held, ask, answer } = await holding({ parallel: { max: 1, pending: 2 } })
    const first = await ask()
    await until(() => held.length === 1)
    const second = await ask()
    await until(() => fixture.places.waiting() === 1)
    const third = await ask()
    await until(() => fixture.places.waiting() === 2)
    await refusedAt(fixture)
    expect(target.requests).toHaveLength(1)
    answer()
    expect(await statusOf(first)).toBe(200)
    await until(() => held.length === 1)
    answer()
    expect(await statusOf(second)).toBe(200)
    await until(() => held.length === 1)
    answer()
    expect(await statusOf(third)).toBe(200)
    const records = await fixture.recorded(4)
    expect(records.map(({ code, upstream }) => [code, upstream?.tries])).toEqual([
      ['upstream-overloaded', 0],
      [null, 1],
      [null, 1],
      [null, 1],
    ])
  })

  it('leave the line when their client goes', async () => {
    const { fixture, target, held, ask, answer } = await holding({ parallel: { max: 1, pending: 1 } })
    const first = await ask()
    await until(() => held.length === 1)
    const second = await ask()
    await until(() => fixture.places.waiting() === 1)
    second.close()
    await until(() => fixture.places.waiting() === 0)
    const third = await ask()
    await until(() => fixture.places.waiting() === 1)
    answer()
    expect(await statusOf(first)).toBe(200)
    await until(() => held.length === 1)
    answer()
    expect(await statusOf(third)).toBe(200)
    expect(target.requests).toHaveLength(2)
  })

  it('wait no longer than their time, and upload nothing before', async () => {
    const parallel = { max: 1, pending: 1 }
    const { fixture, target, held, ask } = await holding({ parallel })
    await ask()
    await until(() => held.length === 1)
    // After the first, whose own time would end beside that of the second and leave its place to it.
    await fixture.apply({ targets: [target], action: { parallel, ...timeouts({ request: 300 }) } })
    const { responses } = await sendRaw(fixture, `${head('POST', '/', 'Content-Length: 3')}abc`, { responses: 1 })
    expect([responses[0]?.status, codeOf(responses[0])]).toEqual([504, 'upstream-timeout'])
    expect(target.bytes().includes('abc')).toBe(false)
    expect(fixture.places.waiting()).toBe(0)
  })

  it('count for no breaker, and learn from an open one', async () => {
    const breaker = { errorPercent: 50, minRequests: 1, window: 10_000, openFor: 20_000, slowCall: null }
    const { fixture, held, ask } = await holding({ breaker, parallel: { max: 1, pending: 50 } })
    const first = await ask()
    await until(() => held.length === 1)
    const others = await Promise.all(Array.from({ length: 50 }, ask))
    await until(() => fixture.places.waiting() === 50)
    await refusedAt(fixture)
    expect([...fixture.breakers.states()][0]?.state).toBe('closed')
    held[0]?.writeHead(500).end()
    expect(await statusOf(first)).toBe(500)
    const answers = await Promise.all(others.map(async (client) => (await client.read(1)).responses[0]))
    expect(answers.every((answer) => codeOf(answer) === 'circuit-open')).toBe(true)
    expect(answers[0]?.headers.get('retry-after')).toEqual(['20'])
    expect(fixture.places.waiting()).toBe(0)
  })

  it('give their place back between two tries', async () => {
    const retry = { attempts: 1, codes: [503], backoff: 1, budgetPercent: 100 }
    const list = [503, 503, 200]
    const target = await backend((_request, response) => void response.writeHead(list.shift() ?? 200).end())
    const fixture = await start({ targets: [target], action: { retry, parallel: { max: 1, pending: 1 } } })
    for (const status of [503, 200, 200]) {
      const { responses } = await sendRaw(fixture, head('GET', '/'), { responses: 1 })
      expect(responses[0]?.status).toBe(status)
    }
    expect(target.requests).toHaveLength(4)
  })
})
