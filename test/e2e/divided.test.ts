import { beforeAll, describe, expect, it } from 'vitest'
import { curl } from './curl.ts'
import { everything, useFixture } from './fixture.ts'
import { manifests } from './manifests.ts'
import { ownService } from './installation.ts'

const { route, policy, anyone } = manifests

const fixture = useFixture()

const hourly = (limit: number) => ({
  name: 'hourly',
  keys: [{ type: 'Route' }],
  algorithm: 'FixedWindow',
  rates: [{ limit, window: '24h' }],
  scope: 'Gateway',
})

/** How many of `tries` requests one data plane permits, one after the other. */
async function permitted(address: string, host: string, tries: number): Promise<number> {
  let count = 0
  for (let index = 0; index < tries; index++) {
    const { status } = await curl(address, fixture().path('ca.crt'), `https://${host}.shop.example/`)
    expect([200, 429]).toContain(status)
    if (status === 200) count++
  }
  return count
}

describe('limits that data planes divide', () => {
  const limit = 31
  const addresses = (): readonly string[] => fixture().installation.addresses
  beforeAll(async () => {
    const spec = { ...anyone, quotas: [hourly(limit)] }
    await fixture().apply([route('divided', everything()), policy('divided', spec)], 'divided')
  })

  it('permit what is written, at three data planes together', async () => {
    const each = await Promise.all(addresses().map((address) => permitted(address, 'divided', 12)))
    expect(each).toEqual([10, 10, 10])
  })

  it('are not accepted where a data plane has no part', async () => {
    const { apply, api } = fixture().installation
    const wanted = [
      '-n',
      'shop',
      'get',
      'accesspolicy',
      'below',
      '-o',
      'jsonpath={.status.conditions[?(@.type=="Accepted")].reason}',
    ]
    const reason = async (): Promise<string> => (await api.kubectl(wanted)).stdout
    await apply([route('below', everything()), policy('below', { ...anyone, quotas: [hourly(2)] })])
    await expect.poll(reason, { timeout: 30_000 }).toBe('LimitBelowDataPlanes')
    await apply([policy('below', { ...anyone, quotas: [hourly(3)] })])
    await expect.poll(reason, { timeout: 30_000 }).toBe('Accepted')
  })

  it('permit more to those that are left, within the bound, when one has been gone for a while', async () => {
    const left = addresses().slice(0, 2)
    await fixture().installation.apply(ownService(left))
    await fixture().installation.dataplanes[2]!.stop()
    // Not before half a minute.
    expect(await Promise.all(left.map((address) => permitted(address, 'divided', 1)))).toEqual([0, 0])
    await expect.poll(() => permitted(left[0]!, 'divided', 1), { timeout: 60_000, interval: 500 }).toBe(1)
    await expect.poll(() => permitted(left[1]!, 'divided', 1), { timeout: 60_000, interval: 500 }).toBe(1)
    const more = await Promise.all(left.map((address) => permitted(address, 'divided', 8)))
    expect(more).toEqual([4, 4])
    expect(30 + 2 + 8).toBeLessThanOrEqual(limit * (1 + 1 / 3))
  })
})
