import type { Condition } from '@gatehouse/crds'
import { statusOf } from '@gatehouse/controller'
import { afterEach, expect, it } from 'vitest'
import { gatehouseCounting, ordersRoute } from '../apiserver/shop.ts'
import { startDataplaneProcess } from '../support/dataplaneProcess.ts'
import { createPushChannel, credentialsFolder } from '../support/pushChannel.ts'
import { startRedis } from '../support/redisServer.ts'
import { installation } from '../wire/follower.ts'
import { runController, shopUnder, type RunningController } from '../wire/runningController.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

type Report = RunningController['reports']['all'][number]

/** What the status of the Gatehouse would say of its store; null = nothing. */
function saidOfStore({ verdicts, fleet }: Report): Condition | null {
  const verdict = verdicts.find(({ kind }) => kind === 'Gatehouse')!
  const { conditions = [] } = statusOf(verdict, {}, fleet, { controllerName: 'gatehouse.dev/test', now: 0 })
  return conditions.find(({ type }) => type === 'QuotaStoreUnavailable') ?? null
}

it(
  'a store that is gone is a condition of the Gatehouse until all data planes have it back',
  { timeout: 120_000 },
  async () => {
    const redis = await startRedis()
    cleanups.push(redis.close)
    const channel = await createPushChannel(installation)
    const folder = await credentialsFolder(channel.authority.certificate, channel.dataplane, channel.signing)
    cleanups.push(folder.remove)
    const controller = await runController(channel, { listen: { address: '127.0.0.1', port: 0 } })
    cleanups.push(controller.close)
    controller.become(shopUnder(gatehouseCounting(redis.port), ordersRoute()))
    const planes = ['dp-0', 'dp-1'].map((instance) => {
      const plane = startDataplaneProcess({
        installation,
        controllers: [`127.0.0.1:${controller.controller.pushPort}`],
        pushDirectory: folder.path,
        environment: { GATEHOUSE_INSTANCE: instance },
      })
      cleanups.push(plane.stop)
      return plane
    })
    for (const { lines } of planes) await lines.first(({ event }) => event === 'store-up', 20_000)
    const { reports } = controller
    const serving = ({ fleet }: Report): boolean =>
      fleet.sessions.filter(({ revision }) => revision !== null).length === 2
    expect(saidOfStore(await reports.first(serving))).toBeNull()
    await redis.kill()
    const isGone = (report: Report): boolean =>
      saidOfStore(report) !== null && report.fleet.sessions.every(({ storeFault }) => storeFault !== null)
    const gone = await reports.first(isGone, 40_000)
    // A busy one may have waited in vain before it knew that nobody is there.
    const fault = String.raw`(unreachable|timeout) at [12] of 2 data planes`
    expect(saidOfStore(gone)).toMatchObject({
      reason: 'StoreFailing',
      message: expect.stringMatching(new RegExp(`: ${fault}(, ${fault})?$`)),
    })
    await redis.restart()
    const began = reports.all.indexOf(gone)
    const isWell = (report: Report): boolean => reports.all.indexOf(report) > began && saidOfStore(report) === null
    const well = await reports.first(isWell, 70_000)
    expect(well.fleet.sessions.map(({ storeFault }) => storeFault)).toEqual([null, null])
  },
)
