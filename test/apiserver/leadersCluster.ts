import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startApiServer, type ApiServer } from '../cluster/apiserver.ts'
import { freePorts } from '../cluster/freePorts.ts'
import { cuttableWay, type CuttableWay } from '../support/cuttable.ts'
import { createPushChannel, credentialsFolder, type PushChannel } from '../support/pushChannel.ts'
import { accountKubeconfig, userOf } from './accounts.ts'
import { apiRequests, waitFor, type ApiRequests } from './apiRequests.ts'
import { startControllerProcess, type ControllerProcess } from './controllerProcess.ts'
import { installCrds } from './crds.ts'
import { installationRoles, watchedRole } from './roles.ts'
import { anyonePolicy, gatehouse, ordersRoute, ordersService } from './shop.ts'

const installation = { namespace: 'gatehouse-system', name: 'edge' }

/** A controller with a way of its own to the API server, where it has a name of its own. */
export interface Member {
  readonly process: ControllerProcess
  readonly way: CuttableWay
  /** As the audit log calls it. */
  readonly user: string
}

/** A real API server with the objects of shop.ts, and controllers that elect a leader. */
export interface LeadersCluster {
  readonly server: ApiServer
  readonly api: ApiRequests
  readonly channel: PushChannel
  /** `host:port` of the controllers' push servers, also of those that are still to come. */
  readonly addresses: readonly string[]
  apply(...documents: readonly object[]): Promise<void>
  /** Starts one more controller; at most four in all. */
  join(): Promise<Member>
  close(): Promise<void>
}

const accounts = ['a', 'b', 'c', 'd'].map((name) => ({ namespace: installation.namespace, name: `edge-${name}` }))

export async function startLeadersCluster(): Promise<LeadersCluster> {
  const server = await startApiServer({ audit: true })
  const api = apiRequests(server)
  await waitFor(api, '/api/v1/namespaces/default', ({ status }) => status === 200)
  await installCrds(api)
  const apply = async (...documents: readonly object[]): Promise<void> => {
    await server.kubectl(['apply', '-f', '-'], documents.map((document) => JSON.stringify(document)).join('\n---\n'))
  }
  const namespace = (name: string): object => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  await apply(namespace('gatehouse-system'), namespace('shop'))
  await apply(...installationRoles(installation.namespace, installation.name, accounts))
  await apply(...watchedRole('gatehouse-system', accounts))
  await apply(gatehouse, ...ordersService, ordersRoute(), anyonePolicy)
  const channel = await createPushChannel(installation)
  const credentials = await credentialsFolder(channel.authority.certificate, channel.controller, channel.signing)
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-accounts-'))
  const ports = await freePorts(accounts.length)
  const members: Member[] = []
  return {
    server,
    api,
    channel,
    addresses: ports.map((port) => `127.0.0.1:${port}`),
    apply,
    join: async () => {
      const [account, pushPort] = [accounts[members.length]!, ports[members.length]!]
      const way = await cuttableWay(Number(new URL(server.url).port))
      const url = `https://127.0.0.1:${way.port}`
      const process = startControllerProcess({
        kubeconfigPath: await accountKubeconfig(server, api, account, { folder, url }),
        installation: 'gatehouse-system/edge',
        pushDirectory: credentials.path,
        lease: 'gatehouse-system/edge-controller',
        watchNamespaces: 'gatehouse-system',
        pushPort,
      })
      const member = { process, way, user: userOf(account) }
      members.push(member)
      return member
    },
    close: async () => {
      for (const { process, way } of members) {
        process.signal('SIGKILL')
        await process.ended
        await way.close()
      }
      api.close()
      await server.close()
      await credentials.remove()
      await rm(folder, { recursive: true })
    },
  }
}
