import type { ServerResponse } from 'node:http'
import { seal } from '@gatehouse/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

/** A small heap, of which three quarters may be in use: what a flood of requests that nobody answers soon exceeds. */
describe('attack: overload', () => {
  const held: ServerResponse[] = []
  let backend: Backend
  let served: ServedDataplane
  beforeAll(async () => {
    backend = await startBackend((_request, response) => void held.push(response))
    const timeouts = { request: 0, backendRequest: 0, connect: 0, idle: 0, maxStreamAge: 0 }
    const resources = [
      installationResource(),
      listenerResource(),
      ...upstreamResources('web', [backend]),
      policyResource(),
      routeResource([ruleTo('web', { action: forwardTo('web', { timeouts }) })]),
    ]
    served = await startServedDataplane(resources.map(seal), {
      ...attackedEntry,
      nodeOptions: ['--max-old-space-size=64', '--max-semi-space-size=1'],
      environment: { GATEHOUSE_OVERLOAD_PERCENT: '75' },
    })
  })
  afterAll(async () => {
    await served.close()
    await backend.close()
  })

  const statusOf = async (connection: RawConnection): Promise<number | undefined> =>
    (await connection.read(1)).responses[0]?.status

  async function flood(): Promise<RawConnection[]> {
    const listener = await served.process.listener('http')
    const open: RawConnection[] = []
    const refused = (): number => open.filter(({ socket }) => socket.bytesRead > 0).length
    while (refused() === 0 && open.length < most) {
      const before = open.length
      open.push(...(await Promise.all(Array.from({ length: wave }, () => openRaw(listener, { timeout: 30_000 })))))
      for (const connection of open.slice(before)) await connection.send(request('/', { headers: padding }))
      await expect.poll(() => held.length + refused(), { timeout: 10_000 }).toBe(open.length)
    }
    return open
  }

  it('is answered by refusing what is new; what was let in is served, and new requests are again', async () => {
    const open = await flood()
    const admitted = held.length
    const answered = open.filter(({ socket }) => socket.bytesRead > 0)
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
    const listener = await served.process.listener('http')
    await expect
      .poll(async () => {
        const connection = await openRaw(listener)
        await connection.send(request('/'))
        const status = await statusOf(connection)
        connection.close()
        return status
      })
      .toBe(200)
  })
})
