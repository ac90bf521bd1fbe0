import { afterEach, describe, expect, it, vi } from 'vitest'
import type { KubeClient, KubeObject, ListPage, Query, WatchFrame } from './client.ts'
import { KubeError } from './kubeError.ts'
import { KubeSource } from './kubeSource.ts'

type Client = Pick<KubeClient, 'list' | 'watch'>

const secret = (name: string, type: string, resourceVersion: string): KubeObject => ({
  type,
  metadata: { namespace: 'shop', name, uid: `uid-${resourceVersion}`, resourceVersion },
})

const object = (namespace: string): KubeObject => ({
  metadata: { namespace, name: 'one', uid: 'one', resourceVersion: '9' },
})

const keyOf = (path: string, query: Query): string => `${path}?${query['fieldSelector'] ?? ''}`
const keys = '/api/v1/secrets?type=gatehouse.dev/api-keys'
const certificates = '/api/v1/secrets?type=kubernetes.io/tls'

/** An API server of what it is given: lists by path and selector, and watches that say nothing until told to. */
class Lists implements Client {
  readonly held = new Set<string>()
  readonly forbidden = new Set<string>()
  readonly lists = new Map<string, readonly KubeObject[]>()
  readonly listed: string[] = []
  /** Watches that were given up. */
  ended = 0
  readonly #tellers = new Map<string, (frame: WatchFrame) => void>()
  #release: () => void = () => undefined
  readonly #released = new Promise<void>((resolve) => (this.#release = resolve))

  async list(path: string, query: Query): Promise<ListPage> {
    const key = keyOf(path, query)
    this.listed.push(key)
    if (this.held.has(key)) await this.#released
    if (this.forbidden.has(key)) throw new KubeError(403, 'Forbidden')
    if (path.startsWith('/apis/discovery')) throw new KubeError(404, 'NotFound')
    return { items: this.lists.get(key) ?? [], resourceVersion: '10', next: '' }
  }

  watch(path: string, query: Query, signal: AbortSignal): Promise<AsyncGenerator<WatchFrame>> {
    const { promise: end, reject } = Promise.withResolvers<never>()
    end.catch(() => undefined)
    signal.addEventListener('abort', () => {
      this.ended++
      reject(signal.reason)
    })
    return Promise.resolve(this.#frames(keyOf(path, query), end))
  }

  release(): void {
    this.#release()
  }

  /** Resolves when there is a watch of it. */
  async tells(key: string): Promise<void> {
    await vi.waitFor(() => expect(this.#tellers.has(key)).toBe(true))
  }

  async tell(key: string, frame: WatchFrame): Promise<void> {
    await this.tells(key)
    this.#tellers.get(key)!(frame)
  }

  async *#frames(key: string, end: Promise<never>): AsyncGenerator<WatchFrame> {
    for (;;) {
      yield await Promise.race([new Promise<WatchFrame>((resolve) => this.#tellers.set(key, resolve)), end])
    }
  }
}

let source: KubeSource
const changed = vi.fn()
const refusals: string[] = []

function follow(client: Client, namespaces: readonly string[] | null = null): void {
  changed.mockReset()
  const clock = { now: () => 0, monotonic: () => 0 }
  source = new KubeSource({
    ...{ client, namespaces, clock },
    random: () => 0,
    failed: ({ kind }) => expect.unreachable(kind),
    refused: (namespace, isRefused) => refusals.push(`${namespace} ${isRefused}`),
    times: { firstWait: 2, longestWait: 4, probe: 1_000, relist: 1_000, refusal: 0 },
  })
  source.start(changed, () => undefined)
}

afterEach(() => source.close())

describe('KubeSource', () => {
  it('reads only Secrets that may be used, and every other kind whole', async () => {
    const client = new Lists()
    follow(client)
    await vi.waitFor(() => expect(changed).toHaveBeenCalled())
    expect([...client.listed].sort()).toEqual(
      [
        keys,
        '/api/v1/secrets?type=gatehouse.dev/backend-header',
        '/api/v1/secrets?type=gatehouse.dev/ca-certificates',
        '/api/v1/secrets?type=gatehouse.dev/introspection-client',
        '/api/v1/secrets?type=gatehouse.dev/quota-store',
        '/api/v1/secrets?type=gatehouse.dev/token-keys',
        certificates,
        '/api/v1/configmaps?',
        '/api/v1/namespaces?',
        '/api/v1/services?',
        '/apis/discovery.k8s.io/v1/endpointslices?',
        '/apis/gatehouse.dev/v1alpha1/accesspolicies?',
        '/apis/gatehouse.dev/v1alpha1/gatehouses?',
        '/apis/gatehouse.dev/v1alpha1/gatewayroutes?',
        '/apis/gateway.networking.k8s.io/v1beta1/referencegrants?',
      ].sort(),
    )
  })

  it('has no world until every kind and selector is known, a missing kind included', async () => {
    const client = new Lists()
    client.held.add(certificates)
    follow(client)
    await client.tell(keys, { type: 'ADDED', object: secret('partners', 'gatehouse.dev/api-keys', '11') })
    expect(source.world()).toBeNull()
    expect(changed).not.toHaveBeenCalled()
    client.release()
    await vi.waitFor(() => expect(source.world()).not.toBeNull())
    expect(source.world()!.EndpointSlice.size).toBe(0)
    expect([...source.world()!.Secret.keys()]).toEqual(['shop/partners'])
    expect(changed).toHaveBeenCalled()
  })

  it('tells of each change, and keeps the later of two Secrets of one name', async () => {
    const client = new Lists()
    client.lists.set(certificates, [secret('both', 'kubernetes.io/tls', '9')])
    follow(client)
    await vi.waitFor(() => expect(source.world()).not.toBeNull())
    const before = changed.mock.calls.length
    await client.tell(keys, { type: 'ADDED', object: secret('both', 'gatehouse.dev/api-keys', '12') })
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(before + 1))
    expect(source.world()!.Secret.get('shop/both')!.raw['type']).toBe('gatehouse.dev/api-keys')
    await client.tell(certificates, { type: 'ADDED', object: secret('both', 'kubernetes.io/tls', '13') })
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(before + 2))
    expect(source.world()!.Secret.get('shop/both')!.raw['type']).toBe('kubernetes.io/tls')
  })

  it('reads Secrets and ConfigMaps of the watched namespaces alone, and every other kind whole', async () => {
    const client = new Lists()
    client.lists.set('/api/v1/namespaces/shop/configmaps?', [object('shop')])
    client.lists.set('/api/v1/namespaces/pay/configmaps?', [object('pay')])
    follow(client, ['shop', 'pay'])
    await vi.waitFor(() => expect(changed).toHaveBeenCalled())
    const scoped = client.listed.filter((key) => /secrets|configmaps/.test(key))
    expect(scoped.toSorted()).toEqual(
      ['pay', 'shop'].flatMap((namespace) => [
        `/api/v1/namespaces/${namespace}/configmaps?`,
        ...['api-keys', 'backend-header', 'ca-certificates', 'introspection-client', 'quota-store', 'token-keys'].map(
          (use) => `/api/v1/namespaces/${namespace}/secrets?type=gatehouse.dev/${use}`,
        ),
        `/api/v1/namespaces/${namespace}/secrets?type=kubernetes.io/tls`,
      ]),
    )
    expect(client.listed).toContain('/api/v1/services?')
    const world = source.world()!
    expect([...world.ConfigMap.keys()].toSorted()).toEqual(['pay/one', 'shop/one'])
    expect(world.watched).toEqual(new Set(['shop', 'pay']))
    expect(source.world()!.ConfigMap).toBe(world.ConfigMap)
  })

  it('has a world without a namespace that forbids its Secrets, and with it as soon as it does not', async () => {
    const client = new Lists()
    const key = '/api/v1/namespaces/pay/secrets?type=kubernetes.io/tls'
    client.forbidden.add(key)
    follow(client, ['shop', 'pay'])
    await vi.waitFor(() => expect(source.world()?.watched).toEqual(new Set(['shop'])))
    expect(refusals.splice(0)).toEqual(['pay true'])
    client.forbidden.delete(key)
    await vi.waitFor(() => expect(source.world()?.watched).toEqual(new Set(['shop', 'pay'])))
    expect(refusals.splice(0)).toEqual(['pay false'])
  })

  it('reads everything anew when it is told to', async () => {
    const client = new Lists()
    follow(client)
    await vi.waitFor(() => expect(source.world()).not.toBeNull())
    client.lists.set('/api/v1/configmaps?', [object('shop')])
    expect(source.world()!.ConfigMap.size).toBe(0)
    await source.relist()
    expect(source.world()!.ConfigMap.size).toBe(1)
  })

  it('gives every watch up when it is closed', async () => {
    const client = new Lists()
    follow(client)
    for (const key of [keys, certificates, '/api/v1/services?']) await client.tells(key)
    await source.close()
    expect(client.ended).toBeGreaterThanOrEqual(3)
    expect(source.world()).not.toBeNull()
  })
})
