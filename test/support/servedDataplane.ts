import type { SealedResource } from '@gatehouse/contract'
import { startTestController, type TestController } from './controller.ts'
import { startDataplaneProcess, type DataplaneProcess, type DataplaneProcessOptions } from './dataplaneProcess.ts'
import { createPushChannel, credentialsFolder } from './pushChannel.ts'

/** A data plane in a process of its own, with a push server in this one. */
export interface ServedDataplane {
  readonly process: DataplaneProcess
  readonly controller: TestController
  close(): Promise<void>
}

/**
 * Starts both, and waits until the resources serve.
 *
 * @param refused - of which parts may be refused
 * @throws Error when the others are not taken whole
 */
export async function startServedDataplane(
  resources: readonly SealedResource[],
  options: Partial<DataplaneProcessOptions> = {},
  refused: readonly string[] = [],
): Promise<ServedDataplane> {
  const installation = { namespace: 'gatehouse-system', name: 'edge' }
  const channel = await createPushChannel(installation)
  const folder = await credentialsFolder(channel.authority.certificate, channel.dataplane, channel.signing)
  const controller = await startTestController(channel)
  const process = startDataplaneProcess({
    installation,
    controllers: [controller.address],
    pushDirectory: folder.path,
    ...options,
  })
  const close = async (): Promise<void> => {
    await process.stop()
    await controller.close()
    await folder.remove()
  }
  const answer = await controller.publish(resources)
  const whole = answer.refused.every(({ resource }) => refused.includes(resource))
  if (answer.nack === null && whole) return { process, controller, close }
  await close()
  throw new Error(`the resources were not taken: ${JSON.stringify(answer)}`)
}
