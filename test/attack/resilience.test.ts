import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RecordedRequest } from '../support/backend.ts'
import { openRaw, sendRaw, type RawConnection } from '../support/raw.ts'
import { request } from './attack.ts'
import { startVictim, type Victim } from './victim.ts'

const body = 'one order, please'

describe('attack: resilience', () => {
  let victim: Victim
  /** Answers that are owed, the oldest first. */
  const held: ServerResponse[] = []
  beforeAll(async () => {
    victim = await startVictim()
    victim.backend.respond((asked, response) => {
      if (asked.target.endsWith('/silent')) return
      if (asked.target.endsWith('/held')) held.push(response)
      else if (asked.target.endsWith('/reset')) response.destroy()
      else if (asked.target.endsWith('/good')) response.end('ok')
      else response.writeHead(503, { 'content-length': 0 }).end()
    })
  })
  afterAll(() => victim.close())

  const arrived = (target: string): readonly RecordedRequest[] =>
    victim.backend.requests.filter((one) => one.target === target)

  const tokenOf = ({ rawHeaders }: RecordedRequest): string | undefined =>
    rawHeaders[rawHeaders.findIndex((name) => name.toLowerCase() === 'x-gatehouse-token') + 1]

  it.each(['POST', 'PATCH', 'LOCK', 'get'])('does nothing twice that %s may have done', async (method) => {
    for (const end of ['refused', 'reset']) {
      const target = `/again/${method}/${end}`
      await victim.ask(request(target, { method, body }))
      expect(arrived(target).length).toBeLessThanOrEqual(1)
      await victim.ask(request(target, { method, headers: ['Content-Length: 0'] }))
      expect(arrived(target).length).toBeLessThanOrEqual(2)
    }
  })

  it('is not talked into it by headers that name another method', async () => {
    const headers = ['X-HTTP-Method-Override: PUT', 'Idempotency-Key: 1', 'X-Method-Override: GET']
    expect(await victim.ask(request('/again/override', { method: 'POST', body, headers }))).toBe(503)
    expect(arrived('/again/override')).toHaveLength(1)
  })

  it('sends all of a body again, and the same', async () => {
    expect(await victim.ask(request('/again/put', { method: 'PUT', body }))).toBe(503)
    expect(arrived('/again/put').map((one) => one.body.toString())).toEqual([body, body, body])
  })

  it('asks no more often than the rule says', async () => {
    expect(await victim.ask(request('/again/get'))).toBe(503)
    expect(arrived('/again/get')).toHaveLength(3)
  })

  it('signs each try anew', async () => {
    expect(await victim.ask(request('/again-signed/get'))).toBe(503)
    const tokens = arrived('/again-signed/get').map(tokenOf)
    expect(tokens).toHaveLength(3)
    const ids = tokens.map((token) => JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString()))
    expect(new Set(ids.map((claims: { jti: string }) => claims.jti)).size).toBe(3)
  })

  it('holds nothing against a backend that only its caller did not wait for', async () => {
    const headers = ['Content-Type: application/grpc', 'Grpc-Timeout: 1n', 'Content-Length: 0']
    for (let count = 0; count < 8; count++) await victim.ask(request('/breakable/silent', { method: 'POST', headers }))
    expect(await victim.ask(request('/breakable/good'))).toBe(200)
  })

  async function hold(): Promise<RawConnection> {
    const connection = await openRaw(await victim.listener('http'))
    const before = held.length
    await connection.send(request('/narrow/held'))
    await expect.poll(() => held.length).toBe(before + 1)
    return connection
  }

  it('keeps what is beyond its bound from the backend, and lets the next in when a place is free', async () => {
    const first = await hold()
    const { responses } = await sendRaw(await victim.listener('http'), request('/narrow/more').repeat(20), {
      responses: 20,
    })
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([503]))
    expect(responses[0]?.body.toString()).toContain('urn:gatehouse:problem:upstream-overloaded')
    expect(responses[0]?.headers.get('retry-after')).toEqual(['1'])
    expect(arrived('/narrow/more')).toEqual([])
    held.shift()?.end('ok')
    expect((await first.read(1)).responses[0]?.status).toBe(200)
    first.close()
    const second = await hold()
    // A client that leaves gives its place back too.
    second.close()
    await expect.poll(() => victim.ask(request('/narrow/after'))).toBe(503)
    await expect
      .poll(async () => {
        await victim.ask(request('/narrow/after'))
        return arrived('/narrow/after').length
      })
      .toBeGreaterThan(0)
  })
})
