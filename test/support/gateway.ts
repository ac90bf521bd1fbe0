import { seal, type Resource, type SealedResource } from '@gatehouse/contract'
import type { SessionState } from '../../controller/src/push/sessions.ts'
import { startDataplane, type Dataplane } from '../../dataplane/src/runtime.ts'
import { startTestController, type TestController } from './controller.ts'
import { captureLogs, type CapturedLogs } from './logs.ts'
import { createPushChannel, credentialsFolder, type PushChannel } from './pushChannel.ts'

/** A data plane and a push server in this process, joined by the real push channel. */
export interface GatewayHarness {
  readonly dataplane: Dataplane
  readonly controller: TestController
  readonly logs: CapturedLogs
  /** Where a listener takes connections. */
  target(listener?: string): { readonly address: string; readonly port: number }
  /** Makes these the configuration, and waits for the answer: what was refused, or a nack. */
  apply(resources: readonly (Resource | SealedResource)[]): Promise<SessionState>
  /** Text of `/metrics`. */
  metrics(): Promise<string>
  close(): Promise<void>
}

export interface GatewayOptions {
  /** Of the data plane. Default: not known. */
  readonly zone?: string
  readonly perRouteMetrics?: boolean
  /** Default 90. */
  readonly overloadPercent?: number
  /** Where the data plane dials instead; default: the push server. */
  readonly via?: (channel: PushChannel, controller: string) => Promise<string>
}

const installation = { namespace: 'gatehouse-system', name: 'edge' }

/** Starts both and waits until the resources serve. @throws Error when they are nacked */
export async function startGateway(
  resources: readonly (Resource | SealedResource)[],
  options: GatewayOptions = {},
): Promise<GatewayHarness> {
  const channel = await createPushChannel(installation)
  const folder = await credentialsFolder(channel.authority.certificate, channel.dataplane, channel.signing)
  const controller = await startTestController(channel)
  const logs = captureLogs()
  const config = {
    installation,
    controllers: [(await options.via?.(channel, controller.address)) ?? controller.address],
    pushDirectory: folder.path,
    pushToken: null,
    lastGood: null,
    instance: 'dp-0',
    zone: options.zone ?? null,
    admin: { address: '127.0.0.1', port: 0 },
    perRouteMetrics: options.perRouteMetrics ?? false,
    logs: { security: true, audit: true },
    overloadPercent: options.overloadPercent ?? 90,
    drain: { delay: 0, deadline: 1000 },
  }
  const dataplane = await startDataplane(config, { sink: logs.sink })
  const apply = (next: readonly (Resource | SealedResource)[]): Promise<SessionState> =>
    controller.publish(next.map((resource) => ('hash' in resource ? resource : seal(resource))))
  const close = async (): Promise<void> => {
    await dataplane.close()
    await controller.close()
    await folder.remove()
  }
  const answer = await apply(resources)
  if (answer.nack !== null) {
    await close()
    throw new Error(`the resources were nacked: ${answer.nack.reason}`)
  }
  return {
    dataplane,
    controller,
    logs,
    apply,
    close,
    target: (name = 'http') => {
      const bound = dataplane.bound().find((listener) => listener.name === name)
      if (bound === undefined) throw new Error(`listener ${name} is not bound`)
      return bound
    },
    metrics: async () => await (await fetch(`http://127.0.0.1:${dataplane.admin.port}/metrics`)).text(),
  }
}
