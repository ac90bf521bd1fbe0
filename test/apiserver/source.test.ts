import { bundleVersionAnnotation } from '@gatehouse/crds'
import { fullSpecs } from '@gatehouse/crds/cases'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assertBundle } from '../../controller/src/kube/bundle.ts'
import type { KubeClient } from '../../controller/src/kube/client.ts'
import { KubeSource, type Collection } from '../../controller/src/kube/kubeSource.ts'
import type { World, WorldKind, WorldObject } from '../../controller/src/world.ts'
import { startApiServer, type ApiServer } from '../cluster/apiserver.ts'
import { changes, type Changes } from '../support/changes.ts'
import { apiRequests, waitFor, type ApiRequests } from './apiRequests.ts'
import { installCrds, installReferenceGrants } from './crds.ts'
import { clock, kubeClient } from './kube.ts'

let server: ApiServer
let api: ApiRequests
let client: KubeClient

beforeAll(async () => {
  server = await startApiServer()
  api = apiRequests(server)
  client = kubeClient(server)
  await waitFor(api, '/api/v1/namespaces/default', ({ status }) => status === 200)
})
afterAll(async () => {
  await client.close()
  api.close()
  await server.close()
})

interface Followed {
  readonly source: KubeSource
  readonly worlds: Changes<World>
  readonly failures: Changes<string>
}

function follow(): Followed {
  const worlds = changes<World>()
  const failures = changes<string>()
  const failed = ({ kind }: Collection): void => failures.add(kind)
  const refused = (namespace: string): void => failures.add(namespace)
  const source = new KubeSource({ client, namespaces: null, clock, random: Math.random, failed, refused })
  source.start(
    () => worlds.add(source.world()!),
    () => undefined,
  )
  return { source, worlds, failures }
}

const crdPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gatewayroutes.gatehouse.dev'
const core = '/api/v1/namespaces/default'

async function send(method: string, path: string, body?: unknown): Promise<void> {
  const { status, body: answer } = await api.send(method, path, body)
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${String(answer['message'])}`)
}

const configMap = (name: string, text: string) => ({ metadata: { name }, data: { text } })

describe('before the CRDs are there', () => {
  it('their bundle is named as missing, and their kinds are empty', async () => {
    await expect(assertBundle(client)).rejects.toThrow(/gatehouses\.gatehouse\.dev is missing; apply/)
    const { source, worlds } = follow()
    const world = await worlds.at(0)
    expect([world.Gatehouse.size, world.GatewayRoute.size, world.AccessPolicy.size]).toEqual([0, 0, 0])
    await source.close()
    await installCrds(api)
    await installReferenceGrants(api)
  })
})

describe('a source of the API server', () => {
  let followed: Followed
  const object = async (kind: WorldKind, key: string, isIt: (object: WorldObject) => boolean, within?: number) => {
    const world = await followed.worlds.first((one) => {
      const found = one[kind].get(key)
      return found !== undefined && isIt(found)
    }, within)
    return world[kind].get(key)!
  }
  /** The next world without an object; to be called before it is deleted. */
  const without = (kind: WorldKind, key: string): Promise<World> => {
    const before = followed.worlds.all.length
    return followed.worlds.first((one) => followed.worlds.all.indexOf(one) >= before && !one[kind].has(key))
  }

  beforeAll(async () => {
    followed = follow()
    await followed.worlds.at(0)
  })
  afterAll(() => followed.source.close())

  it('finds the bundle of this release, and no older one', async () => {
    await expect(assertBundle(client)).resolves.toBeUndefined()
    const crd = (await api.send('GET', crdPath)).body
    const metadata = crd['metadata'] as { annotations: Record<string, string> }
    const older = { ...metadata, annotations: { [bundleVersionAnnotation]: '0' } }
    await send('PUT', crdPath, { ...crd, metadata: older })
    await expect(assertBundle(client)).rejects.toThrow(/gatewayroutes\.gatehouse\.dev is of bundle 0/)
    const now = (await api.send('GET', crdPath)).body['metadata'] as object
    await send('PUT', crdPath, { ...crd, metadata: { ...now, annotations: metadata.annotations } })
  })

  it('knows at once what there was before', () => {
    expect(followed.worlds.all[0]?.Namespace.get('default')?.raw).toMatchObject({ kind: 'Namespace', apiVersion: 'v1' })
    expect(followed.worlds.all[0]?.Service.has('default/kubernetes')).toBe(true)
  })

  it('sees the grants of the Gateway API where it is installed', async () => {
    const path = '/apis/gateway.networking.k8s.io/v1beta1/namespaces/default/referencegrants'
    const from = [{ group: 'gatehouse.dev', kind: 'GatewayRoute', namespace: 'shop' }]
    const spec = { from, to: [{ group: '', kind: 'Service' }] }
    const kind = { apiVersion: 'gateway.networking.k8s.io/v1beta1', kind: 'ReferenceGrant' }
    await send('POST', path, { ...kind, metadata: { name: 'shop' }, spec })
    // An API server tells the first watches of a kind that was only just defined late.
    expect((await object('ReferenceGrant', 'default/shop', () => true, 40_000)).raw).toMatchObject({ ...kind, spec })
    const gone = without('ReferenceGrant', 'default/shop')
    await send('DELETE', `${path}/shop`)
    await gone
  })

  it('sees an object made, changed and deleted, without managedFields', async () => {
    await send('POST', `${core}/configmaps`, configMap('keys', 'one'))
    const made = await object('ConfigMap', 'default/keys', () => true)
    expect(made.raw).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1', data: { text: 'one' } })
    expect(made.raw['metadata']).not.toHaveProperty('managedFields')
    await send('PUT', `${core}/configmaps/keys`, configMap('keys', 'two'))
    const changed = await object(
      'ConfigMap',
      'default/keys',
      ({ raw }) => (raw['data'] as object as { text: string }).text === 'two',
    )
    expect(changed.meta.uid).toBe(made.meta.uid)
    expect(made.raw).toMatchObject({ data: { text: 'one' } })
    const gone = without('ConfigMap', 'default/keys')
    await send('DELETE', `${core}/configmaps/keys`)
    await gone
  })

  it('sees an object made anew under the same name as another one', async () => {
    await send('POST', `${core}/configmaps`, configMap('anew', 'one'))
    const first = await object('ConfigMap', 'default/anew', () => true)
    await send('DELETE', `${core}/configmaps/anew`)
    await send('POST', `${core}/configmaps`, configMap('anew', 'one'))
    const second = await object('ConfigMap', 'default/anew', ({ meta }) => meta.uid !== first.meta.uid)
    expect(second.meta.created).toBeGreaterThan(0)
  })

  it('sees its own kinds with their defaults and generation', async () => {
    const routes = '/apis/gatehouse.dev/v1alpha1/namespaces/default/gatewayroutes'
    const head = { apiVersion: 'gatehouse.dev/v1alpha1', kind: 'GatewayRoute', metadata: { name: 'orders' } }
    await send('POST', routes, { ...head, spec: fullSpecs.GatewayRoute })
    const route = await object('GatewayRoute', 'default/orders', () => true)
    expect(route.meta.generation).toBe(1)
    expect(route.raw['spec']).toEqual((await api.send('GET', `${routes}/orders`)).body['spec'])
  })

  it('sees Secrets of the two types that may be used, and no other', async () => {
    const secret = (name: string, type: string, data: object) => ({ metadata: { name }, type, data })
    await send('POST', `${core}/secrets`, secret('other', 'Opaque', { a: 'YQ==' }))
    await send('POST', `${core}/secrets`, secret('keys', 'gatehouse.dev/api-keys', { a: 'YQ==' }))
    await send('POST', `${core}/secrets`, secret('tls', 'kubernetes.io/tls', { 'tls.crt': 'YQ==', 'tls.key': 'YQ==' }))
    const world = await followed.worlds.first(({ Secret }) => Secret.has('default/keys') && Secret.has('default/tls'))
    expect([...world.Secret.keys()].toSorted()).toEqual(['default/keys', 'default/tls'])
  })

  it('sees a Secret that was made anew with the other type', async () => {
    await send('POST', `${core}/secrets`, { metadata: { name: 'turned' }, type: 'gatehouse.dev/api-keys' })
    await object('Secret', 'default/turned', () => true)
    await send('DELETE', `${core}/secrets/turned`)
    const data = { 'tls.crt': 'YQ==', 'tls.key': 'YQ==' }
    await send('POST', `${core}/secrets`, { metadata: { name: 'turned' }, type: 'kubernetes.io/tls', data })
    await object('Secret', 'default/turned', ({ raw }) => raw['type'] === 'kubernetes.io/tls')
  })

  it('lists more than one page', async () => {
    const names = Array.from({ length: 450 }, (_, index) => `page-${index}`)
    await Promise.all(names.map((name) => send('POST', `${core}/configmaps`, configMap(name, name))))
    const other = follow()
    const world = await other.worlds.at(0)
    expect(names.every((name) => world.ConfigMap.has(`default/${name}`))).toBe(true)
    await other.source.close()
    expect(other.failures.all).toEqual([])
  })

  it('had no failure, and gives every world out as it was', () => {
    expect(followed.failures.all).toEqual([])
    expect(followed.worlds.all[0]?.GatewayRoute.size).toBe(0)
    expect(followed.source.world()?.GatewayRoute.size).toBe(1)
  })
})
