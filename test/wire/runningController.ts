import type { Json } from '@gatehouse/contract'
import {
  soleLeader,
  startController,
  systemClock,
  worldOf,
  type Authority,
  type Controller,
  type EventDetail,
  type HostPort,
  type InstallationRef,
  type World,
} from '@gatehouse/controller'
import { beforeAll, onTestFinished } from 'vitest'
import { gatehouse, ordersService } from '../apiserver/shop.ts'
import { changes, type Changes } from '../support/changes.ts'
import { controllerCredentials, createPushChannel, type PushChannel } from '../support/pushChannel.ts'
import { connectScripted, type ScriptedDataplane, type ScriptedDataplaneOptions } from '../support/scriptedDataplane.ts'
import { installation } from './follower.ts'

type Report = Parameters<Parameters<typeof startController>[0]['status']>[0]

const json = (documents: readonly object[]): readonly Json[] => documents as readonly Json[]

/** A world with this Gatehouse, the shop's Service, and these objects. */
export const shopUnder = (own: object, ...routes: readonly object[]): World =>
  worldOf(json([own, ...ordersService, ...routes]), 'Equal')

/** The same with the shop's Gatehouse. */
export const shop = (...routes: readonly object[]): World => shopUnder(gatehouse, ...routes)

/** A real controller whose world is the test's. */
export interface RunningController {
  readonly controller: Controller
  readonly reports: Changes<Report>
  readonly events: Changes<{ readonly event: string } & EventDetail>
  /** Makes this the world. */
  become(world: World): void
  connect(options?: Partial<ScriptedDataplaneOptions>): Promise<ScriptedDataplane>
  get(path: string): Promise<Response>
  close(): Promise<void>
}

interface RunOptions {
  readonly dataplaneService?: InstallationRef
  readonly controllerService?: InstallationRef
  /** Default: it leads from the start on. */
  readonly authority?: Authority
  /** Where data planes take HTTP; default: as the Gatehouse says. */
  readonly listen?: HostPort
  /** Default: there is nothing newer than the world. */
  readonly relist?: () => Promise<void>
}

/** What starts controllers for the tests of a file, each of which ends them. */
export function controllersOfTests(): (options?: RunOptions) => Promise<RunningController> {
  let channel: PushChannel
  beforeAll(async () => {
    channel = await createPushChannel(installation)
  })
  return async (options = {}) => {
    const running = await runController(channel, options)
    onTestFinished(running.close)
    return running
  }
}

export async function runController(channel: PushChannel, options: RunOptions = {}): Promise<RunningController> {
  const reports = changes<Report>()
  const events = changes<{ readonly event: string } & EventDetail>()
  const dataplanes: ScriptedDataplane[] = []
  let world: World | null = null
  let changed = (): void => undefined
  const controller = await startController({
    installation,
    source: {
      start: (tell) => (changed = tell),
      world: () => world,
      relist: options.relist ?? (() => Promise.resolve()),
      close: () => Promise.resolve(),
    },
    push: { address: '127.0.0.1', port: 0, credentials: controllerCredentials(channel), authenticate: null },
    authority: options.authority ?? soleLeader(1),
    keySet: null,
    admin: { address: '127.0.0.1', port: 0 },
    compile: {
      address: '0.0.0.0',
      listen: { HTTP: options.listen ?? null, HTTPS: null },
      upstreams: new Map(),
      deniedAddresses: ['192.0.2.0/24'],
      folder: false,
    },
    dataplaneService: options.dataplaneService ?? null,
    controllerService: options.controllerService ?? null,
    status: (report) => reports.add(report),
    log: (event, detail) => events.add({ event, ...detail }),
    clock: systemClock,
  })
  return {
    controller,
    reports,
    events,
    become: (next) => {
      world = next
      changed()
    },
    connect: async (over = {}) => {
      const dataplane = await connectScripted(channel, { port: controller.pushPort, ...over })
      dataplanes.push(dataplane)
      return dataplane
    },
    get: (path) => fetch(`http://127.0.0.1:${controller.adminPort}${path}`),
    close: async () => {
      for (const dataplane of dataplanes) await dataplane.close()
      await controller.close()
    },
  }
}
