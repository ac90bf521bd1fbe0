import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitUntil } from '../support/waitUntil.ts'
import { installKinds, type Release } from './gatehouseRelease.ts'
import type { Spending, SpendOptions } from './quota/spending.ts'
import { sharedNode } from './sharedNode.ts'
import { host } from './shop.ts'
import { installTarget } from './withRelease.ts'

const spender = fileURLToPath(new URL('quota/spender.ts', import.meta.url))
const limit = 40
const window = 10_000
/** Both numbers divide the limit, so that nothing of it is left over. */
const [few, many] = [2, 5] as const

describe('a limit that data planes divide', () => {
  const node = sharedNode()
  let release: Release
  let shop: string

  beforeAll(async () => {
    await installKinds(node)
    const target = await installTarget(node, 'divided')
    release = target.release
    shop = target.shop
    await node.apply([
      {
        apiVersion: 'gatehouse.dev/v1alpha1',
        kind: 'AccessPolicy',
        metadata: { name: 'divided', namespace: shop },
        spec: {
          targetRefs: [{ group: 'gatehouse.dev', kind: 'GatewayRoute', name: 'shop' }],
          quotas: [
            {
              name: 'divided',
              keys: [{ type: 'Route' }],
              algorithm: 'FixedWindow',
              rates: [{ limit, window: '10s' }],
              scope: 'Gateway',
            },
          ],
        },
      },
    ])
    await node.kubectl(['-n', shop, 'wait', 'accesspolicy/divided', '--for=condition=Programmed', '--timeout=60s'])
  }, 300_000)
  // Other tests have routes that name no Gatehouse, as where there is one.
  afterAll(() => release.remove())

  async function scale(replicas: number): Promise<void> {
    const dataplane = `deployment/${release.name}-dataplane`
    await release.kubectl('scale', dataplane, `--replicas=${replicas}`)
    await release.kubectl('rollout', 'status', dataplane, '--timeout=180s')
    await release.settled('dataplane', replicas)
  }

  async function spend(): Promise<() => Promise<Spending>> {
    const at = { address: await release.address(), port: 443, host, caFile: release.caFile }
    const options: SpendOptions = { ...at, path: '/', rate: 25, window }
    const child = node.spawn([process.execPath, spender, JSON.stringify(options)], ['pipe', 'pipe', 'inherit'])
    let output = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text))
    const closed = once(child, 'close')
    return async () => {
      child.stdin?.end()
      await closed
      return JSON.parse(output) as Spending
    }
  }

  /** What each data plane was told of their number. */
  async function told(): Promise<readonly number[]> {
    const addresses = await release.podAddresses('dataplane')
    const pages = addresses.map((address) => node.inside(['curl', '-s', `http://${address}:9090/metrics`]))
    return (await Promise.all(pages)).map(({ stdout }) => Number(/^gatehouse_fleet_size (\d+)$/m.exec(stdout)?.[1]))
  }

  it('holds within its bound while they are scaled from two to five and back under load', async () => {
    const end = await spend()
    /** Times between which the number of data planes stands, and has been told. */
    const steady: [from: number, to: number][] = []
    const stay = async (): Promise<void> => {
      const from = Date.now()
      await pause(3 * window)
      steady.push([from, Date.now()])
    }
    await stay()
    await scale(many)
    await stay()
    await scale(few)
    // What is permitted then is less, for as long as those that went still count.
    await waitUntil(async () => (await told()).every((count) => count === few), 'the smaller number has been told', {
      within: 90_000,
      every: 1000,
    })
    await stay()
    const { sure, unsure, refused, failed } = await end()
    process.stderr.write(`${JSON.stringify({ sure, unsure, refused, failed, steady })}\n`)
    const most = new Map(unsure)
    for (const [number, count] of sure) {
      expect(count).toBeLessThanOrEqual(limit * (1 + (many - few) / many))
      const whole = steady.some(([from, to]) => number * window >= from && (number + 1) * window <= to)
      if (!whole) continue
      expect(count).toBeLessThanOrEqual(limit)
      expect(count + (most.get(number) ?? 0)).toBeGreaterThanOrEqual(limit * 0.9)
    }
    const counted = sure.filter(([number]) =>
      steady.some(([from, to]) => number * window >= from && (number + 1) * window <= to),
    )
    expect(counted.length).toBeGreaterThanOrEqual(6)
    expect(refused).toBeGreaterThan(0)
  }, 600_000)
})
