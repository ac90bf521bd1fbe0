import { startApiServer, type ApiServer } from '../cluster/apiserver.ts'
import { createPushChannel, credentialsFolder } from '../support/pushChannel.ts'
import { connectScripted, type ScriptedDataplane, type ScriptedDataplaneOptions } from '../support/scriptedDataplane.ts'
import { apiRequests, waitFor, type ApiRequests } from './apiRequests.ts'
import { startControllerProcess, type ControllerProcess } from './controllerProcess.ts'
import { installCrds } from './crds.ts'
import { anyonePolicy, gatehouse, ordersRoute, ordersService } from './shop.ts'

const installation = { namespace: 'gatehouse-system', name: 'edge' }
const group = '/apis/gatehouse.dev/v1alpha1/namespaces'

/** Where the objects of shop.ts are. */
export const paths = {
  routes: `${group}/shop/gatewayroutes`,
  route: `${group}/shop/gatewayroutes/orders`,
  policy: `${group}/shop/accesspolicies/orders`,
  gatehouse: `${group}/gatehouse-system/gatehouses/edge`,
} as const

/** A real API server with the objects of shop.ts, and the controller as a process. */
export interface ControlledCluster {
  readonly server: ApiServer
  readonly api: ApiRequests
  readonly controller: ControllerProcess
  /** Starts one more controller for the same installation. @param entry - in place of `controller/src/main.ts` */
  another(entry?: string): ControllerProcess
  /** Applies as a user would. */
  apply(...documents: readonly object[]): Promise<void>
  /** Connects a scripted data plane for as long as the test runs. @param options.to - in place of the first controller */
  withDataplane(
    test: (dataplane: ScriptedDataplane) => Promise<void>,
    options?: Pick<ScriptedDataplaneOptions, 'instance' | 'reply'> & { readonly to?: ControllerProcess },
  ): Promise<void>
  /** @returns the controller's exit status */
  close(): Promise<number | null>
}

export async function startControlledCluster(): Promise<ControlledCluster> {
  const server = await startApiServer()
  const api = apiRequests(server)
  await waitFor(api, '/api/v1/namespaces/default', ({ status }) => status === 200)
  await installCrds(api)
  const apply = async (...documents: readonly object[]): Promise<void> => {
    await server.kubectl(['apply', '-f', '-'], documents.map((document) => JSON.stringify(document)).join('\n---\n'))
  }
  const namespace = (name: string): object => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  await apply(namespace('gatehouse-system'), namespace('shop'))
  const channel = await createPushChannel(installation)
  const folder = await credentialsFolder(channel.authority.certificate, channel.controller, channel.signing)
  const start = (entry?: string): ControllerProcess =>
    startControllerProcess({
      ...(entry === undefined ? {} : { entry }),
      kubeconfigPath: server.kubeconfigPath,
      installation: `${installation.namespace}/${installation.name}`,
      pushDirectory: folder.path,
    })
  const controller = start()
  await apply(gatehouse, ...ordersService, ordersRoute(), anyonePolicy)
  return {
    server,
    api,
    controller,
    another: start,
    apply,
    withDataplane: async (test, { to = controller, ...options } = {}) => {
      const dataplane = await connectScripted(channel, { port: await to.pushPort(), ...options })
      try {
        await test(dataplane)
      } finally {
        await dataplane.close()
      }
    },
    close: async () => {
      const status = await controller.stop()
      api.close()
      await server.close()
      await folder.remove()
      return status
    },
  }
}
