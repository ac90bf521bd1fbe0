import type { ServerResponse } from 'node:http'
import { seal } from '@gatehouse/contract'
import { afterEach, describe, expect, it } from 'vitest'
import { startBackend, type Backend } from '../support/backend.ts'
import { openRaw, type RawConnection } from '../support/raw.ts'
import {
  forwardTo,
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
} from '../support/resources.ts'
import { startServedDataplane, type ServedDataplane } from '../support/servedDataplane.ts'
import { attackedEntry } from './attackedEntry.ts'
import { request } from './attack.ts'

/** Header lines of about 12 KiB, which a request holds for as long as it runs. */
const padding = Array.from({ length: 12 }, (_, index) => `X-Padding-${index}: ${'x'.repeat(1000)}`)
/** Requests sent at a time, and how many at most before the attack counts as survived without shedding. */
const wave = 100
const most = 8_000

const endless = { request: 0, backendRequest: 0, connect: 0, idle: 0, maxStreamAge: 0 }

/** A data plane with a small heap, and a backend that answers when it is told to. */
interface Flooded {
  readonly served: ServedDataplane
  readonly backend: Backend
  /** What the backend has not answered. */
  readonly held: ServerResponse[]
  /** Sends requests that nobody answers until one is refused. */
  flood(): Promise<RawConnection[]>
  /** A request that the backend has not answered; those before it may have been refused. */
  admitted(): Promise<RawConnection>
  /** The status that a request of its own gets. */
  ask(): Promise<number | undefined>
  close(): Promise<void>
}

/** @param percent - the share of the heap at which requests are refused */
async function startFlooded(percent: number): Promise<Flooded> {
  const held: ServerResponse[] = []
  const backend = await startBackend((_request, response) => void held.push(response))
  const resources = [
    installationResource(),
    listenerResource(),
    ...upstreamResources('web', [backend]),
    policyResource(),
    routeResource([ruleTo('web', { action: forwardTo('web', { timeouts: endless }) })]),
  ]
  const served = await startServedDataplane(resources.map(seal), {
    ...attackedEntry,
    nodeOptions: ['--max-old-space-size=64', '--max-semi-space-size=1'],
    environment: { GATEHOUSE_OVERLOAD_PERCENT: String(percent) },
  })
  const listener = await served.process.listener('http')
  return {
    ...{ served, backend, held },
    flood: async () => {
      const open: RawConnection[] = []
      const before = held.length
      const refused = (): number => open.filter(({ socket }) => socket.bytesRead > 0).length
      while (refused() === 0 && open.length < most) {
        const known = open.length
        open.push(...(await Promise.all(Array.from({ length: wave }, () => openRaw(listener, { timeout: 30_000 })))))
        for (const connection of open.slice(known)) await connection.send(request('/', { headers: padding }))
        await expect.poll(() => held.length - before + refused(), { timeout: 10_000 }).toBe(open.length)
      }
      return open
    },
    admitted: async () => {
      const before = held.length
      for (;;) {
        const connection = await openRaw(listener)
        await connection.send(request('/'))
        await expect.poll(() => held.length > before || wasAnswered(connection)).toBe(true)
        if (!wasAnswered(connection)) return connection
        connection.close()
      }
    },
    ask: async () => {
      const connection = await openRaw(listener)
      await connection.send(request('/'))
      const status = await statusOf(connection)
      connection.close()
      return status
    },
    close: async () => {
      await served.close()
      await backend.close()
    },
  }
}

const statusOf = async (connection: RawConnection): Promise<number | undefined> =>
  (await connection.read(1)).responses[0]?.status

const wasAnswered = ({ socket }: RawConnection): boolean => socket.bytesRead > 0

describe('attack: overload', () => {
  let flooded: Flooded
  afterEach(() => flooded.close())

  it('is answered by refusing what is new; what was let in is served, and new requests are again', async () => {
    flooded = await startFlooded(75)
    const { served, backend, held } = flooded
    const open = await flooded.flood()
    const admitted = held.length
    const answered = open.filter(wasAnswered)
    expect(answered.length).toBeGreaterThan(0)
    expect(admitted).toBeGreaterThan(wave)
    const [problem] = (await answered[0]!.read(1)).responses
    expect(problem?.body.toString()).toContain('urn:gatehouse:problem:overloaded')
    expect([problem?.status, problem?.headers.get('retry-after')]).toEqual([503, ['1']])
    await served.process.lines.first((line) => line['event'] === 'overloaded')
    const ready = await fetch(`${await served.process.admin()}/readyz`)
    expect(ready.status).toBe(200)
    for (const response of held.splice(0)) response.end('ok')
    const statuses = await Promise.all(open.filter((one) => !answered.includes(one)).map(statusOf))
    expect(statuses.filter((status) => status !== 200)).toEqual([])
    for (const connection of open) connection.close()
    backend.respond((_request, response) => void response.end('ok'))
    await expect.poll(() => flooded.ask()).toBe(200)
  })

  it('ends beside an answer that never does, although much is held for good', async () => {
    // What is in use without any request is more than ten percent below this share, so nothing ever falls below that.
    flooded = await startFlooded(20)
    const { backend, held } = flooded
    const stream = await flooded.admitted()
    held.splice(0)[0]?.writeHead(200).write('data: 1\n\n')
    const open = await flooded.flood()
    expect(open.some(wasAnswered)).toBe(true)
    for (const connection of open) connection.close()
    await expect.poll(() => backend.open(), { timeout: 10_000 }).toBe(1)
    backend.respond((_request, response) => void response.end('ok'))
    await expect.poll(() => flooded.ask(), { timeout: 30_000 }).toBe(200)
    expect(backend.open()).toBeGreaterThan(0)
    stream.close()
  })
})
