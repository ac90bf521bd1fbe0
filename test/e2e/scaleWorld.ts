import { createHash } from 'node:crypto'
import type { ApiRequests } from '../apiserver/apiRequests.ts'
import { manifests } from './manifests.ts'

/** How much there is, spread evenly over namespaces. */
export interface WorldSize {
  readonly namespaces: number
  readonly routes: number
  readonly services: number
  /** Endpoints of all Services together. */
  readonly endpoints: number
  readonly secrets: number
}

/** An object and the collection that it is created in. */
interface Created {
  readonly path: string
  readonly body: object
}

const own = '/apis/gatehouse.dev/v1alpha1'
const discovery = '/apis/discovery.k8s.io/v1'
const base64 = (text: string): string => Buffer.from(text).toString('base64')

export const namespaceOf = (index: number): string => `t${index}`

/** Path of the EndpointSlice with this number, counted over all namespaces. */
export const slicePath = (index: number, size: WorldSize): string =>
  `${discovery}/namespaces/${namespaceOf(index % size.namespaces)}/endpointslices/s${Math.floor(index / size.namespaces)}`

/** Endpoints that nobody dials; `generation` changes one of them. */
export function endpointsOf(index: number, generation: number, size: WorldSize): object[] {
  const count = size.endpoints / size.services
  const address = (number: number): string => `10.${100 + (number >> 16)}.${(number >> 8) & 255}.${number & 255 || 1}`
  return Array.from({ length: count }, (_, at) => ({
    addresses: [at === 0 ? `10.200.${generation % 200}.${(index % 250) + 1}` : address(index * count + at)],
    conditions: { ready: true },
  }))
}

function service(index: number, size: WorldSize): Created[] {
  const namespace = namespaceOf(index % size.namespaces)
  const name = `s${Math.floor(index / size.namespaces)}`
  return [
    {
      path: `/api/v1/namespaces/${namespace}/services`,
      body: { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ name: 'http', port: 80 }] } },
    },
    {
      path: `${discovery}/namespaces/${namespace}/endpointslices`,
      body: {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name, labels: { 'kubernetes.io/service-name': name } },
        addressType: 'IPv4',
        ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
        endpoints: endpointsOf(index, 0, size),
      },
    },
  ]
}

/** Ten sets of keys in a namespace, which its policies select. */
const keySets = 10

function secret(index: number, size: WorldSize): Created {
  const namespace = namespaceOf(index % size.namespaces)
  const at = Math.floor(index / size.namespaces)
  const keyHash = `sha256:${createHash('sha256').update(`${namespace}/${at}`).digest('hex')}`
  return {
    path: `/api/v1/namespaces/${namespace}/secrets`,
    body: {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'gatehouse.dev/api-keys',
      metadata: { name: `k${at}`, labels: { keys: `set-${at % keySets}` } },
      data: { [`client-${at}`]: base64(JSON.stringify({ keyHash, roles: ['reader'], scopes: [] })) },
    },
  }
}

/** Every other route asks for a key; the others let everybody in. */
const keyHolders = (at: number): object => ({
  authentication: {
    anyOf: [
      {
        name: 'partners',
        asserts: { roles: ['*'] },
        apiKey: { from: [{ header: 'x-api-key' }], secretSelector: { matchLabels: { keys: `set-${at % keySets}` } } },
      },
    ],
  },
  authorization: {
    rules: [{ name: 'read', action: 'Allow', methods: ['GET'], principal: [{ attribute: 'Role', anyOf: ['reader'] }] }],
  },
})

function route(index: number, size: WorldSize): Created[] {
  const namespace = namespaceOf(index % size.namespaces)
  const at = Math.floor(index / size.namespaces)
  const name = `r${at}`
  const backend = `s${at % Math.max(1, Math.floor(size.services / size.namespaces))}`
  const rules = [
    {
      name: 'all',
      matches: [{ path: { type: 'PathPrefix', value: `/${name}` } }],
      backendRefs: [{ name: backend, port: 80 }],
    },
  ]
  const hostname = `h${at % 20}.${namespace}.example`
  const { metadata, ...policy } = manifests.policy(name, at % 2 === 0 ? manifests.anyone : keyHolders(at)) as {
    metadata: object
  }
  return [
    {
      path: `${own}/namespaces/${namespace}/gatewayroutes`,
      body: manifests.route(name, rules, { namespace, hostname }),
    },
    {
      path: `${own}/namespaces/${namespace}/accesspolicies`,
      body: { ...policy, metadata: { ...metadata, namespace } },
    },
  ]
}

const parallel = 16

async function createAll(api: ApiRequests, objects: readonly Created[]): Promise<void> {
  let next = 0
  const work = async (): Promise<void> => {
    while (next < objects.length) {
      const { path, body } = objects[next++]!
      const { status, body: answer } = await api.send('POST', path, body)
      if (status !== 201) throw new Error(`${path} answered ${status}: ${JSON.stringify(answer).slice(0, 400)}`)
    }
  }
  await Promise.all(Array.from({ length: parallel }, work))
}

const upTo = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at))

/** Creates the whole world, with its hosts bound in the Gatehouse at `gatehousePath`. @returns how many objects */
export async function createWorld(api: ApiRequests, size: WorldSize, gatehousePath: string): Promise<number> {
  const names = upTo(size.namespaces, namespaceOf)
  const namespace = (name: string): Created => ({
    path: '/api/v1/namespaces',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
  })
  await createAll(api, names.map(namespace))
  const bindings = names.map((name) => ({ pattern: `*.${name}.example`, namespaces: [name] }))
  const hosts = [{ pattern: '*.shop.example', namespaces: ['shop'] }, ...bindings]
  const patched = await api.send('PATCH', gatehousePath, { spec: { hosts } })
  if (patched.status !== 200) throw new Error(`the Gatehouse could not be changed: ${patched.status}`)
  const objects = [
    ...upTo(size.services, (index) => service(index, size)).flat(),
    ...upTo(size.secrets, (index) => secret(index, size)),
    ...upTo(size.routes, (index) => route(index, size)).flat(),
  ]
  await createAll(api, objects)
  return names.length + objects.length
}
