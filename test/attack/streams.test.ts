import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRaw } from '../support/raw.ts'
import { request } from './attack.ts'
import { audience } from './shop.ts'
import { startVictim, type Victim } from './victim.ts'

/** Milliseconds within which a stream ends that would not be let in any more (M17). */
const soon = 5_000

describe('attack: streams', () => {
  let victim: Victim
  beforeAll(async () => {
    victim = await startVictim()
    victim.backend.respond((asked, response) => {
      if (!asked.target.endsWith('/events')) {
        response.end('ok')
        return
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: first\n\n')
    })
  })
  afterAll(() => victim.close())

  interface Opened {
    text(): string
    ended(): boolean
    close(): void
  }

  /** A stream that has begun, by a token of this issuer. */
  async function open(key: 'rsa' | 'ec', claims: object = {}): Promise<Opened> {
    const token = await victim.idp[key].sign({ sub: 'alice', aud: audience, tid: 'acme', ...claims }, { typ: 'at+jwt' })
    const connection = await openRaw(await victim.listener('http'))
    let text = ''
    let ended = false
    connection.socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
    connection.socket.on('close', () => (ended = true))
    await connection.send(request('/credential-kept/events', { headers: [`Authorization: Bearer ${token}`] }))
    await expect.poll(() => text).toContain('data: first')
    return { text: () => text, ended: () => ended, close: () => connection.close() }
  }

  it('ends one whose key is gone, and does not make it look whole; another goes on', async () => {
    const [gone, kept] = [await open('ec'), await open('rsa')]
    await victim.removeKey('ec-1')
    await expect.poll(() => gone.ended(), { timeout: soon }).toBe(true)
    expect(gone.text()).not.toMatch(/\r\n0\r\n\r\n$/)
    expect(kept.ended()).toBe(false)
    kept.close()
    await expect.poll(() => victim.logs()).toContain('"code":"unauthenticated"')
  })

  it('ends one whose token has expired', async () => {
    const connection = await open('rsa', { exp: Math.floor(Date.now() / 1000) + 2 })
    await expect.poll(() => connection.ended(), { timeout: soon }).toBe(true)
    expect(connection.text()).not.toMatch(/\r\n0\r\n\r\n$/)
  })
})
