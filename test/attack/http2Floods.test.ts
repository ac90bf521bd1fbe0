import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  block,
  data,
  flags,
  frame,
  headers,
  ping,
  priority,
  rstStream,
  settings,
  types,
  windowUpdate,
} from '../support/http2Frames.ts'
import { openHttp2, type RawHttp2 } from '../support/rawHttp2.ts'
import { request } from './attack.ts'
import { fieldsOf } from './http2Attack.ts'
import { startVictim, type Victim } from './victim.ts'

interface Flood {
  readonly name: string
  /** Sent once. */
  readonly first?: readonly Buffer[]
  /** Sent again and again. @param turn - from 0 */
  readonly again: (turn: number) => readonly Buffer[]
  /** Most turns that go through before the connection is ended. */
  readonly turns: number
  /** Most requests that reach the backend; default none. */
  readonly reached?: number
}

/** A stream of a client for each turn. */
const id = (turn: number): number => 2 * turn + 1

const open = (turn: number, flag: number = flags.none): Buffer => headers(id(turn), fieldsOf({ method: 'POST' }), flag)

const cheap = (name: string, sent: Buffer, first: readonly Buffer[] = []): Flood => ({
  name,
  first,
  again: () => [sent],
  turns: 3_000,
  reached: first.length,
})

const broken = (name: string, again: Flood['again']): Flood => ({
  name,
  again,
  turns: 3_000,
  reached: 300,
})

/** What the others ask for. */
const elsewhere = '/public/elsewhere'

const kept = fieldsOf({ method: 'POST', path: '/public/kept' })
const long = 'x'.repeat(4_000)
/** Puts a header of four thousand bytes into the table of HPACK, and then names it again and again. */
const bomb = Buffer.concat([
  block(fieldsOf({})),
  Buffer.from([0x40]),
  block([['x-a', long]]).subarray(1),
  Buffer.alloc(12_000, 0x80 | 62),
])

const floods: readonly Flood[] = [
  broken('rapid resets (CVE-2023-44487)', (turn) => [open(turn), rstStream(id(turn))]),
  broken('resets of what the backend is busy with', (turn) => [open(turn), data(id(turn), 'x'), rstStream(id(turn))]),
  broken('resets that the gateway is made to send (CVE-2025-8671)', (turn) => [open(turn), windowUpdate(id(turn), 0)]),
  broken('windows that overflow (CVE-2025-8671)', (turn) => [
    open(turn),
    windowUpdate(id(turn), 0x7fffffff),
    windowUpdate(id(turn), 0x7fffffff),
  ]),
  broken('lengths that are wrong', (turn) => [
    headers(id(turn), fieldsOf({ method: 'POST' }, ['content-length', '1']), flags.none),
    data(id(turn), 'xx', flags.endStream),
  ]),
  broken('requests that are none', (turn) => [headers(id(turn), fieldsOf({}, ['X-A', 'b']))]),
  broken('headers beyond their bound', (turn) => [headers(id(turn), fieldsOf({}, ['x-a', long.repeat(4)]))]),
  broken('header bombs', (turn) => [frame(types.headers, flags.endHeaders | flags.endStream, id(turn), bomb)]),
  {
    name: 'continuations without end (CVE-2024-27983)',
    first: [frame(types.headers, flags.none, 1, block(fieldsOf({})))],
    again: () => [frame(types.continuation, flags.none, 1, block([['x-a', 'b']]))],
    turns: 20,
  },
  {
    name: 'empty continuations (CVE-2019-9518)',
    first: [frame(types.headers, flags.none, 1, block(fieldsOf({})))],
    again: () => [frame(types.continuation, flags.none, 1)],
    turns: 20,
  },
  cheap('pings (CVE-2019-9512)', ping()),
  cheap('answers to pings that were not sent', ping(flags.ack)),
  cheap('settings (CVE-2019-9515)', settings([3, 100])),
  cheap('empty settings', settings()),
  cheap('updates of the window of a connection', windowUpdate(0, 1)),
  cheap('updates of the window of a stream', windowUpdate(1, 1), [headers(1, kept, flags.none)]),
  cheap('priorities (CVE-2019-9513)', priority(1, 0)),
  {
    ...cheap('priorities in a circle', priority(1, 3)),
    again: (turn) => [priority(1 + 2 * (turn % 3), 1 + 2 * ((turn + 1) % 3))],
  },
  cheap('frames of a type that does not exist', frame(0xbb, 0, 0, Buffer.alloc(8))),
  cheap('empty DATA (CVE-2019-9518)', data(1, ''), [headers(1, kept, flags.none)]),
  {
    name: 'streams beyond their number that never end',
    again: (turn) => [open(turn)],
    turns: 1_100,
    reached: 100,
  },
]

describe('attack: floods of HTTP/2', () => {
  let victim: Victim
  beforeAll(async () => {
    victim = await startVictim()
  })
  afterAll(() => victim.close())

  /** How often sessions have been ended because their clients were up to no good. */
  const counted = async (): Promise<number> => {
    const line = /^gatehouse_client_sessions_ended_total\{reason="(?:flood|resets|malformed)"\} (\d+)$/gm
    return [...(await victim.metrics()).matchAll(line)].reduce((sum, [, count]) => sum + Number(count), 0)
  }

  const asked = (): number => victim.backend.requests.filter(({ target }) => target !== elsewhere).length

  // In a loop, since vitest cuts long names of a table.
  for (const { name, first = [], again, turns, reached = 0 } of floods)
    it(name, async () => {
      const before = { asked: asked(), counted: await counted() }
      const raw = await openHttp2(await victim.listener('http'))
      const others = bystander(victim)
      let turn = 0
      await raw.send(...first)
      for (; turn < turns && !raw.closed(); turn += 10)
        await raw.send(...Array.from({ length: 10 }, (_, index) => again(turn + index)).flat())
      await raw.until(() => raw.closed())
      expect(raw.goaway()?.code).toBeGreaterThan(0)
      const answered = await others.stop()
      expect(answered.every((status) => status === 200)).toBe(true)
      expect(asked() - before.asked).toBeLessThanOrEqual(reached)
      await expect.poll(counted).toBe(before.counted + 1)
      raw.close()
    })

  it('may be of answers that are there, and are broken off without an error', async () => {
    // No byte of a body may leave.
    const raw = await openHttp2(await victim.listener('http'), { settings: [[4, 0]] })
    for (let turn = 0; turn < 600 && !raw.closed(); turn += 20) {
      const ids = Array.from({ length: 20 }, (_, index) => id(turn + index))
      await raw.send(...ids.map((stream) => headers(stream, fieldsOf({ path: '/public/kept' }))))
      await raw.until(() => raw.closed() || ids.every((stream) => raw.stream(stream).status !== null))
      await raw.send(...ids.map((stream) => rstStream(stream, 0)))
    }
    await raw.until(() => raw.closed())
    expect(raw.goaway()?.code).toBeGreaterThan(0)
    raw.close()
  })

  it('leave nothing behind', async () => {
    await expect
      .poll(() => victim.metrics(), { timeout: 10_000 })
      .toMatch(/^gatehouse_connections\{listener="\w+"\} 0$/m)
    expect(await victim.metrics()).toMatch(/^gatehouse_upstream_requests_in_flight 0$/m)
  })

  it('spare a client that works as hard and means it', async () => {
    const raw: RawHttp2 = await openHttp2(await victim.listener('http'))
    for (let turn = 0; turn < 1_500; turn++) {
      await raw.send(headers(id(turn), fieldsOf({ path: '/public/kept' })), windowUpdate(0, 400), ping())
      expect((await raw.over(id(turn))).status).toBe(200)
    }
    expect(raw.goaway()).toBeNull()
    raw.close()
  })
})

/** Another client, which asks again as soon as it has an answer. */
function bystander(victim: Victim): { stop(): Promise<readonly number[]> } {
  let stopped = false
  const statuses: number[] = []
  const asking = (async () => {
    while (!stopped) statuses.push(await victim.ask(request(elsewhere)))
  })()
  return {
    stop: async () => {
      stopped = true
      await asking
      return statuses
    },
  }
}
