import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { mintFor } from './mint.ts'
import { startCertificateKeeper, type KeeperOptions } from './keeper.ts'
import { installation, names, renewal, type Renewal } from './renewalFixture.ts'

const minute = 60_000
const day = 86_400_000

let created: Renewal
let stop: () => void = () => {}

beforeEach(async () => {
  created = renewal()
  await created.run()
  created.memory.writes.length = 0
  created.lines.length = 0
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  stop()
  vi.useRealTimers()
})

function keep(options: Partial<KeeperOptions> = {}): void {
  stop = startCertificateKeeper({
    installation,
    source: 'Own',
    secrets: created.memory.secrets,
    mint: mintFor(installation),
    clock: created.clock,
    log: (event, detail = {}) => void created.lines.push({ event, detail }),
    authority: { term: () => 7 },
    random: () => 0.5,
    ...options,
  })
}

/** Lets the timer run for a while, and what it begins come to its end: then there is a timer again. */
async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds)
  while (vi.getTimerCount() === 0) await turn()
}

describe('the keeper of the certificates', () => {
  it('looks soon after the start and then about once an hour', async () => {
    const get = vi.fn(created.memory.secrets.get)
    keep({ secrets: { ...created.memory.secrets, get } })
    await pass(3 * minute - 1)
    expect(get).not.toHaveBeenCalled()
    await pass(1)
    expect(get).toHaveBeenCalledTimes(4)
    await pass(60 * minute - 1)
    expect(get).toHaveBeenCalledTimes(4)
    await pass(1)
    expect(get).toHaveBeenCalledTimes(8)
  })

  it('renews what is due', async () => {
    created.clock.advance(61 * day)
    keep()
    await pass(3 * minute)
    expect(created.memory.writes).toEqual([names.dataplane, names.controller])
  })

  it('reads nothing while another leads', async () => {
    let term: number | null = null
    const get = vi.fn(created.memory.secrets.get)
    keep({ secrets: { ...created.memory.secrets, get }, authority: { term: () => term } })
    await pass(3 * minute)
    expect(get).not.toHaveBeenCalled()
    term = 8
    await pass(60 * minute)
    expect(get).toHaveBeenCalled()
  })

  it.each([[[7, null]], [[7, 8]]])('writes nothing once its term is over (%j)', async (terms) => {
    created.clock.advance(61 * day)
    keep({ authority: { term: () => terms.shift() ?? null } })
    await pass(3 * minute)
    expect(created.memory.writes).toEqual([])
  })

  it('writes nothing after it was ended', async () => {
    created.clock.advance(61 * day)
    const leaf = vi.fn(() => {
      stop()
      return Promise.resolve({ certificate: '', privateKey: '' })
    })
    keep({ mint: { ...mintFor(installation), leaf } })
    await vi.advanceTimersByTimeAsync(3 * minute)
    while (leaf.mock.calls.length === 0) await turn()
    for (let turns = 0; turns < 10; turns += 1) await turn()
    expect(created.memory.writes).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('says what needs a person, never creates, and looks again', async () => {
    created.memory.setObject(names.controller, null)
    keep()
    await pass(3 * minute)
    const detail = { code: 'SECRET_MISSING', object: 'Secret gatehouse-system/edge-push-controller' }
    expect(created.lines).toEqual([{ event: 'certificates-refused', detail }])
    await pass(60 * minute)
    expect(created.lines).toHaveLength(2)
  })

  it('says what failed, and looks again', async () => {
    const error = Object.assign(new Error('text with a secret'), { code: 'ECONNREFUSED' })
    keep({ secrets: { ...created.memory.secrets, get: () => Promise.reject(error) } })
    await pass(3 * minute)
    await pass(60 * minute)
    const line = { event: 'certificates-failed', detail: { code: 'ECONNREFUSED' } }
    expect(created.lines).toEqual([line, line])
  })
})
