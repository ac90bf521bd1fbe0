import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { writeBundle } from '../../scripts/images/bundle.ts'
import { startControlledCluster, type ControlledCluster } from './controlledCluster.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bundle-'))
let cluster: ControlledCluster

beforeAll(async () => {
  await writeBundle(join(import.meta.dirname, '..', '..'), 'controller', folder)
  cluster = await startControlledCluster()
})
afterAll(async () => {
  expect(await cluster.close()).toBe(0)
  rmSync(folder, { recursive: true, force: true })
})

it('the bundle of the controller watches, pushes, counts and ends', async () => {
  const bundled = cluster.another(join(folder, 'main.mjs'))
  await cluster.withDataplane(
    async (dataplane) => {
      await dataplane.updates.first(() => dataplane.held().has('route/shop/orders'))
      const metrics = await (await fetch(`${await bundled.admin()}/metrics`)).text()
      expect(metrics).toMatch(/^gatehouse_controller_revisions_total [1-9]/m)
    },
    { to: bundled },
  )
  expect(await bundled.stop()).toBe(0)
  expect(bundled.errors()).toBe('')
})
