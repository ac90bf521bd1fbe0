import { beforeAll, describe, expect, it } from 'vitest'
import { installKinds, installRelease, type Release } from './gatehouseRelease.ts'
import { installTarget } from './withRelease.ts'
import { sharedNode } from './sharedNode.ts'
import { ask } from './ask.ts'
import { proveDrain } from './drain.ts'
import { proveLoss } from './loss.ts'
import { proveOutage } from './outage.ts'
import { createReport } from '../support/report.ts'

describe('an installation by the chart', () => {
  const node = sharedNode()
  let edge: Release
  let inner: Release
  let shop: string

  beforeAll(async () => {
    await installKinds(node)
    const installed = await installTarget(node, 'edge')
    edge = installed.release
    shop = installed.shop
  }, 300_000)

  it('serves its routes with every Pod under the restricted profile', async () => {
    expect(await ask(node, edge, '/')).toEqual({ status: 200, body: 'one' })
    expect(await edge.containers('controller')).toHaveLength(2)
    expect(await edge.containers('dataplane')).toHaveLength(2)
  })

  it('loses nothing while it is restarted, edited and given a new certificate', async () => {
    const report = createReport()
    const only = ['rolling-restart', 'edits', 'backend-scale-2-5-2', 'certificate', 'dataplane-killed']
    await proveLoss(node, { release: edge, shop }, { rate: 50, requests: 150, transfer: 3_000, only }, report)
    expect(report.ok()).toBe(true)
  }, 300_000)

  it('lets what runs come to its end before a data plane does', async () => {
    const report = createReport()
    await proveDrain(node, edge, { parallel: 3, milliseconds: 15_000, endless: 2, restarts: 1 }, report)
    expect(report.ok()).toBe(true)
  }, 300_000)

  it('serves on without API server and controllers, also after a restart, and follows again when they are back', async () => {
    const report = createReport()
    await proveOutage(node, { release: edge, shop }, { seconds: 10, rate: 50, resync: 20 }, report)
    expect(report.ok()).toBe(true)
  }, 300_000)

  it('has another installation beside it, which serves by itself', async () => {
    inner = await installRelease(node, { namespace: 'gatehouse-inner', name: 'inner', shop })
    expect(await ask(node, edge, '/')).toMatchObject({ status: 200 })
    expect(await ask(node, inner, '/')).toMatchObject({ status: 404 })
  }, 300_000)

  it('takes a failed upgrade back and serves all the time', async () => {
    const broken = { dataplane: { image: { tag: 'missing' } } }
    await expect(edge.upgrade(broken, '--rollback-on-failure', '--timeout', '20s')).rejects.toThrow()
    expect(await ask(node, edge, '/')).toMatchObject({ status: 200 })
    const history = await node.helm(['history', 'edge', '-n', edge.namespace])
    expect(history.stdout).toMatch(/Rollback to 1/)
  }, 300_000)

  it('is removed without the objects of its users', async () => {
    await edge.remove()
    await inner.remove()
    const { stdout } = await node.kubectl(['-n', shop, 'get', 'gatewayroutes,accesspolicies', '-o', 'name'])
    expect(stdout.trim().split('\n')).toHaveLength(2)
  }, 300_000)
})
