import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClusterNode } from '../cluster/clusterNode.ts'
import { createAuthority, type Authority } from '../support/authority.ts'
import { waitUntil } from '../support/waitUntil.ts'
import { host } from './shop.ts'

const charts = join(import.meta.dirname, '..', '..', 'charts')

export type Component = 'controller' | 'dataplane'

/** An installation made by the chart. */
export interface Release {
  readonly namespace: string
  readonly name: string
  /** Vouches for the listener's certificate. */
  readonly authority: Authority
  /** File of its certificate, at the same path on the node. */
  readonly caFile: string
  /** Cluster address of the data planes' Service. */
  address(): Promise<string>
  kubectl(...args: readonly string[]): Promise<string>
  /** Ids of the containers of all Pods of a component. */
  containers(component: Component): Promise<readonly string[]>
  /** Addresses of all Pods of a component. */
  podAddresses(component: Component): Promise<readonly string[]>
  /** Waits until there are so many Pods, also counting those that are still ending. */
  settled(component: Component, count: number): Promise<void>
  /** `helm upgrade --install` with these values on top of the test's own. */
  upgrade(values: object, ...args: readonly string[]): Promise<string>
  /** Puts a new certificate of the same authority where the listener's is. */
  renewCertificate(): Promise<void>
  remove(): Promise<void>
}

const listener = {
  name: 'https',
  port: 8443,
  protocol: 'HTTPS',
  default: true,
  tls: { certificateRefs: [{ name: 'shop-tls' }] },
  allowedRoutes: { namespaces: { from: 'All' } },
}

/** The listener of every installation of the tests, and what this one says beside. */
export const listenerWith = (own: object): object => merge(listener, own)

/** Small and quick to leave, for a node with two cores. */
const testValues = (shop: string): object => ({
  gatehouse: {
    listeners: [listener],
    hosts: [{ pattern: host, namespaces: [shop] }],
  },
  imagePullPolicy: 'Never',
  service: { ports: { '8443': { port: 443 } } },
  controller: { resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '768Mi' } } },
  dataplane: { resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } } },
})

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** Installs the kinds, once for the whole node. */
export async function installKinds(node: ClusterNode): Promise<void> {
  const namespace = 'gatehouse-system'
  await node.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }])
  await node.helm(['upgrade', '--install', 'gatehouse-crds', join(charts, 'gatehouse-crds'), '-n', namespace, '--wait'])
}

export interface ReleaseOptions {
  readonly namespace: string
  readonly name: string
  /** The namespace of its routes. */
  readonly shop: string
  /** Values on top of the test's own; makes what they refer to in the namespace, which exists by then. */
  readonly prepare?: (namespace: string) => Promise<object>
}

/** Installs a release into a namespace of its own, and waits until it is ready. */
export async function installRelease(
  node: ClusterNode,
  { namespace, name, shop, prepare }: ReleaseOptions,
): Promise<Release> {
  const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' }
  await node.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: restricted } }])
  const authority = await createAuthority('Gatehouse node test')
  const caFile = join(node.handle.folder, `${namespace}-ca.crt`)
  await writeFile(caFile, authority.certificate)
  const kubectl = async (...args: readonly string[]): Promise<string> =>
    (await node.kubectl(['-n', namespace, ...args])).stdout
  const renewCertificate = async (): Promise<void> => {
    const leaf = await authority.leaf({ commonName: host, dnsNames: [host, `*.${host}`] })
    const data = { 'tls.crt': base64(leaf.certificate), 'tls.key': base64(leaf.privateKey) }
    const metadata = { name: 'shop-tls', namespace }
    await node.apply([{ apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata, data }])
  }
  const upgrade: Release['upgrade'] = async (values, ...args) => {
    const chart = ['upgrade', '--install', name, join(charts, 'gatehouse'), '-n', namespace]
    const files = ['--values', '-']
    const all = merge(testValues(shop), values)
    return (await node.helm([...chart, ...files, ...args], JSON.stringify(all))).stdout
  }
  const ofPods = async (component: Component, path: string): Promise<readonly string[]> => {
    const selector = `app.kubernetes.io/instance=${name},app.kubernetes.io/component=${component}`
    const template = `jsonpath={range .items[*]}{${path}}{"\\n"}{end}`
    const found = await kubectl('get', 'pods', '-l', selector, '-o', template)
    return found.split('\n').filter((line) => line !== '')
  }
  await renewCertificate()
  await upgrade((await prepare?.(namespace)) ?? {}, '--wait', '--timeout', '180s')
  return {
    namespace,
    name,
    authority,
    caFile,
    address: async () => (await kubectl('get', 'service', name, '-o', 'jsonpath={.spec.clusterIP}')).trim(),
    kubectl,
    containers: async (component) => {
      const ids = await ofPods(component, '.status.containerStatuses[0].containerID')
      return ids.map((id) => id.replace('containerd://', ''))
    },
    podAddresses: (component) => ofPods(component, '.status.podIP'),
    settled: async (component, count) => {
      const holds = async (): Promise<boolean> => (await ofPods(component, '.metadata.name')).length === count
      await waitUntil(holds, `there are ${count} Pods of the ${component}`, { within: 300_000, every: 500 })
    },
    upgrade,
    renewCertificate,
    remove: async () => {
      await node.helm(['uninstall', name, '-n', namespace, '--wait'])
    },
  }
}

type Members = { readonly [key: string]: unknown }
const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Values on top of others, as helm merges several files. */
function merge(base: object, top: object): object {
  const result: { [key: string]: unknown } = { ...base }
  for (const [key, value] of Object.entries(top)) {
    const below = result[key]
    result[key] = isMembers(below) && isMembers(value) ? merge(below, value) : value
  }
  return result
}
