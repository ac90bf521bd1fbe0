import type { ApiServer } from '../cluster/apiserver.ts'
import { startApiServer } from '../cluster/apiserver.ts'
import { createAuthority, type Authority, type Leaf } from '../support/authority.ts'
import { createPushChannel, credentialsFolder } from '../support/pushChannel.ts'
import { manifests, secretOf } from './manifests.ts'
import { assertNamespace, dataplaneAddress } from './network.ts'
import { startControllerProgram, startDataplaneProgram, type Program } from './programs.ts'

/** A Gatehouse installation as a cluster has it: API server, controller and data planes, each a process. */
export interface Installation {
  readonly api: ApiServer
  readonly controller: Program
  readonly dataplanes: readonly Program[]
  /** Addresses of the data planes' listeners. */
  readonly addresses: readonly string[]
  /** Vouches for the listener's certificate, for clients and for the key set server. */
  readonly authority: Authority
  /** Applies manifests as a user would. */
  apply(documents: readonly object[]): Promise<void>
  /** Stops everything but the API server and starts one controller and the first data plane anew. */
  restart(): Promise<Restarted>
  /** Waits as a user would: `wait('gatewayroute/orders', 'Programmed')`. */
  wait(object: string, condition: string, value?: string): Promise<void>
  close(): Promise<void>
}

/** What a restart made, and how long each took from its start to its first snapshot, in milliseconds. */
export interface Restarted {
  readonly controller: Program
  readonly controllerReady: number
  readonly dataplane: Program
  readonly dataplaneReady: number
}

export const installationName = { namespace: 'gatehouse-system', name: 'edge' }
export const listenerPort = 8443
const service = 'edge-dataplane'

/** The data planes' own Service and its endpoints, as the chart and the cluster would make them. */
export const ownService = (addresses: readonly string[]): readonly object[] => [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: service, namespace: installationName.namespace },
    spec: { clusterIP: 'None', ports: [{ name: 'https', port: listenerPort }] },
  },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: service,
      namespace: installationName.namespace,
      labels: { 'kubernetes.io/service-name': service },
    },
    addressType: 'IPv4',
    ports: [{ name: 'https', port: listenerPort, protocol: 'TCP' }],
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
  },
]

const namespaces = [installationName.namespace, 'shop', 'other'].map((name) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name },
}))

const apply = async (api: ApiServer, documents: readonly object[]): Promise<void> => {
  await api.kubectl(['apply', '-f', '-'], documents.map((document) => JSON.stringify(document)).join('\n---\n'))
}

async function install(api: ApiServer, authority: Authority, certificate: Leaf): Promise<void> {
  const crds = ['gatehouses', 'gatewayroutes', 'accesspolicies'].flatMap((name) => ['-f', `crds/${name}.yaml`])
  await api.kubectl(['apply', ...crds])
  await api.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s'])
  await apply(api, namespaces)
  await apply(api, [secretOf('kubernetes.io/tls', 'shop-tls', certificate), ...manifests.gatehouse(authority)])
}

/**
 * Starts everything. It takes about ten seconds once the binaries are built.
 *
 * @param count - how many data planes
 * @param nodeOptions - for all processes of Gatehouse
 */
export async function startInstallation(count = 3, nodeOptions = ''): Promise<Installation> {
  assertNamespace()
  const addresses = Array.from({ length: count }, (_, number) => dataplaneAddress(number))
  const api = await startApiServer()
  const authority = await createAuthority('Gatehouse e2e root')
  const certificate = await authority.leaf({ commonName: 'shop', dnsNames: ['*.shop.example'] })
  await install(api, authority, certificate)
  await apply(api, ownService(addresses))
  const channel = await createPushChannel(installationName)
  const folderOf = (leaf: Leaf) => credentialsFolder(channel.authority.certificate, leaf, channel.signing)
  const folders = [await folderOf(channel.controller), await folderOf(channel.dataplane)]
  const installation = `${installationName.namespace}/${installationName.name}`
  const control = () =>
    startControllerProgram({
      installation,
      nodeOptions,
      pushDirectory: folders[0]!.path,
      kubeconfig: api.kubeconfigPath,
      dataplaneService: `${installationName.namespace}/${service}`,
    })
  const serve = (number: number, pushPort: number) =>
    startDataplaneProgram(number, { installation, nodeOptions, pushDirectory: folders[1]!.path, pushPort })
  const controller = await control()
  const dataplanes = await Promise.all(addresses.map((_, number) => serve(number, controller.pushPort)))
  let running: readonly Program[] = [...dataplanes, controller]
  const stopAll = async (): Promise<void> => {
    for (const program of running) await program.stop()
  }
  return {
    api,
    controller,
    dataplanes,
    addresses,
    authority,
    apply: (documents) => apply(api, documents),
    wait: async (object, condition, value = 'True') => {
      const args = ['-n', 'shop', 'wait', object, `--for=condition=${condition}=${value}`, '--timeout=30s']
      await api.kubectl(args)
    },
    restart: async () => {
      await stopAll()
      const started = performance.now()
      const restarted = await control()
      await restarted.lines.first(({ event }) => event === 'published', 120_000)
      const controllerReady = performance.now() - started
      const dataplane = await serve(0, restarted.pushPort)
      running = [dataplane, restarted]
      return {
        controller: restarted,
        controllerReady,
        dataplane,
        dataplaneReady: performance.now() - started - controllerReady,
      }
    },
    close: async () => {
      await stopAll()
      await api.close()
      await Promise.all(folders.map((folder) => folder.remove()))
    },
  }
}
