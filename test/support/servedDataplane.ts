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

/** Starts both, and waits until the resources serve. @throws Error when they are not taken whole */
export async function startServedDataplane(
  resources: readonly SealedResource[],
  options: Partial<DataplaneProcessOptions> = {},
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
  if (answer.nack === null && answer.refused.length === 0) return { process, controller, close }
  await close()
  throw new Error(`the resources were not taken: ${JSON.stringify(answer)}`)
}
