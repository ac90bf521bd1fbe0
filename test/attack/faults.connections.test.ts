import type { Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sound, type Script } from './faultyBackend.ts'
import { says } from './faultyAnswers.ts'
import { startFaultyShop, type FaultyShop } from './faultyShop.ts'

const used = new WeakSet<Socket>()

/** Answers the first request of a connection, and does this to the next. */
const once =
  (end: Script): Script =>
  (socket, own) => {
    if (used.has(socket)) return end(socket, own)
    used.add(socket)
    socket.write(sound(own))
  }

/** Ways to end a connection that was to be kept. */
const closings: Readonly<Record<string, Script>> = {
  'right behind an answer': (socket, own) => void socket.end(sound(own)),
  'by a reset behind an answer': (socket, own) => void socket.write(sound(own), () => socket.resetAndDestroy()),
  'a step after an answer': (socket, own) => void socket.write(sound(own), () => setImmediate(() => socket.end())),
  'when the next request comes': once((socket) => void socket.end()),
  'by a reset when the next request comes': once((socket) => void socket.resetAndDestroy()),
  'in the head of the next answer': once((socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Le')),
  'having said that it would': (socket, own) =>
    void socket.end(sound(own).replace('\r\n', '\r\nConnection: close\r\n')),
  'having promised to keep it for an hour': (socket, own) =>
    void socket.end(sound(own).replace('\r\n', '\r\nKeep-Alive: timeout=3600\r\n')),
}

const body = 'b'.repeat(400_000)
const upload = { method: 'POST', headers: [`Content-Length: ${body.length}`], body }

/** Answers that come while the request is still on its way, and what its client may see. */
const early: Readonly<Record<string, readonly [Script, RegExp]>> = {
  'is sound and reads on': [(socket, own) => void socket.write(sound(own)), /^200 OWN$/],
  'is followed by another': [(socket, own) => void socket.write(sound(own) + sound('evil')), /^200 OWN$/],
  'ends the connection': [(socket, own) => void socket.end(sound(own)), /^(200 OWN|502 upstream-protocol|broken)$/],
  'resets the connection': [
    (socket, own) => void socket.write(sound(own), () => socket.resetAndDestroy()),
    /^(200 OWN|502 upstream-protocol|broken)$/,
  ],
  'is no answer': [(socket) => void socket.resetAndDestroy(), /^(502 upstream-protocol|broken)$/],
  'breaks off': [
    says('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc', 'resets'),
    /^(502 upstream-protocol|broken)$/,
  ],
}

/** A backend that stops, how the client sees it, and the status that is logged. */
const stalls: Readonly<Record<string, readonly [Script, string, number]>> = {
  'before the head': [() => {}, '504 upstream-timeout', 504],
  'in the head': [says('HTTP/1.1 200 OK\r\nContent-Le'), '504 upstream-timeout', 504],
  'behind a hint': [says('HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\n'), '504 upstream-timeout', 504],
  'behind a head with a length': [says('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n'), 'broken', 200],
  'in a body with a length': [says('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab'), 'broken', 200],
  'in an endless head, a byte at a time': [
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nX: ')
      const next = (): void => void socket.write('a', () => (socket.destroyed ? undefined : setTimeout(next, 5)))
      next()
    },
    '504 upstream-timeout',
    504,
  ],
}

const scripts = new Map<string, Script>([
  ...Object.values(closings).map((script, at) => [`closing-${at}`, script] as const),
  ...Object.values(early).map(([script], at) => [`early-${at}`, script] as const),
  ...Object.values(stalls).map(([script], at) => [`stall-${at}`, script] as const),
  ['reset', says('', 'resets')],
])
const at = (table: object, name: string): number => Object.keys(table).indexOf(name)

describe('attack: faults of connections', () => {
  let shop: FaultyShop
  beforeAll(async () => {
    shop = await startFaultyShop(scripts)
  })
  afterAll(() => shop.close())

  let asked = 0
  const own = (): string => `own${++asked}`
  async function othersAreServed(): Promise<void> {
    const names = Array.from({ length: 4 }, own)
    const answers = await Promise.all(names.map((name) => shop.ask(`again/sound/${name}`)))
    expect(answers).toEqual(names.map((name) => `200 ${name}`))
  }

  describe('a backend that closes', () => {
    it.each(Object.keys(closings))('%s loses no request that may be sent again', async (name) => {
      for (let count = 0; count < 40; count++) {
        const mine = own()
        expect(await shop.ask(`again/closing-${at(closings, name)}/${mine}`)).toBe(`200 ${mine}`)
      }
      await othersAreServed()
    })

    it.each(Object.keys(closings))('%s answers nobody with what is for another', async (name) => {
      for (let round = 0; round < 10; round++) {
        const mine = Array.from({ length: 8 }, own)
        const answers = await Promise.all(mine.map((one) => shop.ask(`plain/closing-${at(closings, name)}/${one}`)))
        for (const [index, answer] of answers.entries())
          expect([`200 ${mine[index]}`, '502 upstream-protocol', 'broken']).toContain(answer)
      }
      await othersAreServed()
    })

    it.each(Object.keys(closings))('%s does nothing twice', async (name) => {
      const mine = Array.from({ length: 20 }, own)
      for (const one of mine) {
        const path = `again/closing-${at(closings, name)}/${one}`
        const answer = await shop.ask(path, { method: 'POST', headers: ['Content-Length: 3'], body: 'abc' })
        expect([`200 ${one}`, '502 upstream-protocol', 'broken']).toContain(answer)
        expect(shop.backend.asked.filter((line) => line.includes(`/${one} `)).length).toBeLessThanOrEqual(1)
      }
    })
  })

  describe('a backend whose answer to half a request', () => {
    it.each(Object.keys(early))('%s', async (name) => {
      for (const rule of ['plain', 'again']) {
        const mine = own()
        const answer = await shop.ask(`${rule}/early-${at(early, name)}/${mine}`, upload)
        expect(answer.replace(mine, 'OWN')).toMatch(early[name]![1])
        await othersAreServed()
      }
    })
  })

  describe('a backend that stalls', () => {
    it.each(Object.keys(stalls))('%s', async (name) => {
      const [, sees, status] = stalls[name]!
      const path = `brief/stall-${at(stalls, name)}/${own()}`
      expect(await shop.ask(path)).toBe(sees)
      expect(await shop.decision(path)).toMatchObject({ status, code: 'upstream-timeout' })
      await othersAreServed()
    })
  })

  it('a breaker opens for answers that do not come, and asks no more', async () => {
    for (let count = 0; count < 4; count++)
      expect(await shop.ask(`watched/reset/${own()}`)).toBe('502 upstream-protocol')
    const before = shop.backend.asked.length
    expect(await shop.metrics()).toMatch(/^gatehouse_upstream_failures_total\{reason="reset"\} \d+$/m)
    expect(await shop.ask(`watched/sound/${own()}`)).toBe('503 circuit-open')
    expect(shop.backend.asked).toHaveLength(before)
    expect(await shop.metrics()).toMatch(/^gatehouse_breakers\{state="open"\} 1$/m)
  })

  it('leaves nothing in flight', async () => {
    await expect
      .poll(async () => /^gatehouse_upstream_requests_in_flight (\d+)$/m.exec(await shop.metrics())?.[1])
      .toBe('0')
  })
})
