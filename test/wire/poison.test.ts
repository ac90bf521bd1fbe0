import { afterEach, describe, expect, it } from 'vitest'
import { resourceHash, seal, type Resource, type SealedResource } from '@gatehouse/contract'
import { startBackend, type Backend } from '../support/backend.ts'
import { clientWith } from '../support/keyHash.ts'
import { startGateway, type GatewayHarness } from '../support/gateway.ts'
import { sendRaw, type RawExchange } from '../support/raw.ts'
import {
  enforce,
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
} from '../support/resources.ts'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function backend(): Promise<Backend> {
  const started = await startBackend()
  cleanups.push(started.close)
  return started
}

async function gateway(resources: readonly (Resource | SealedResource)[]): Promise<GatewayHarness> {
  const started = await startGateway(resources)
  cleanups.push(started.close)
  return started
}

/** A resource that a newer controller might send: soundly sealed, with a field that this data plane does not know. */
function withField(resource: Resource, field: string): SealedResource {
  const sealed = seal(resource)
  const spec = { ...sealed.spec, [field]: true }
  return { ...sealed, spec, hash: resourceHash({ ...sealed, spec }) }
}

const get = (host: string, headers = ''): string =>
  `GET / HTTP/1.1\r\nHost: ${host}\r\n${headers}Connection: close\r\n\r\n`

async function statusOf(harness: GatewayHarness, request: string): Promise<number> {
  const { responses }: RawExchange = await sendRaw(harness.target(), request)
  return responses[0]!.status
}

const route = (index: number): Resource =>
  routeResource(
    [ruleTo('orders', { access: enforce('keys') })],
    { object: { namespace: 'shop', name: `r${index}` }, hostnames: [`r${index}.shop.example`] },
    `r${index}`,
  )

const client = (id: string) => clientWith(`key-of-${id}`, { id })

function base(target: Backend, clients: readonly string[]): Resource[] {
  return [
    installationResource(),
    listenerResource(),
    ...upstreamResources('orders', [target]),
    { kind: 'credentials', name: 'shop/clients', spec: { clients: clients.map(client) } },
    policyResource(
      {
        providers: [
          {
            name: 'partners',
            asserts: { roles: [], groups: [], tenants: [], plans: [] },
            method: { type: 'ApiKey', from: [{ header: 'x-api-key', prefix: '' }], credentials: 'shop/clients' },
            broken: false,
          },
        ],
        rules: [
          {
            name: 'known',
            action: 'Allow',
            methods: null,
            paths: null,
            principal: [{ attribute: 'Authenticated' }],
            expression: null,
            unless: null,
            broken: false,
          },
        ],
      },
      'keys',
    ),
  ]
}

describe('a resource that cannot be built costs only its own unit', () => {
  it('refuses the unit of an unknown field, and swaps the rest', async () => {
    const target = await backend()
    const harness = await gateway([...base(target, ['a']), route(0), route(1)])
    const key = 'X-Api-Key: key-of-a\r\n'
    expect(await statusOf(harness, get('r0.shop.example', key))).toBe(200)
    const state = await harness.apply([...base(target, ['a']), withField(route(0), 'mirrors'), route(1), route(2)])
    expect(state).toMatchObject({
      nack: null,
      refused: [{ resource: 'route/shop/r0', field: '/mirrors', reason: 'UnknownField' }],
    })
    expect(state.revision).toBe(harness.controller.push.newest?.revision)
    expect(await statusOf(harness, get('r0.shop.example', key))).toBe(500)
    expect(await statusOf(harness, get('r1.shop.example', key))).toBe(200)
    expect(await statusOf(harness, get('r2.shop.example', key))).toBe(200)
  })

  it('lets the removal of a key act beside one poisoned resource among 50', async () => {
    const target = await backend()
    const routes = Array.from({ length: 50 }, (_, index) => route(index))
    const harness = await gateway([...base(target, ['leaver', 'stayer']), ...routes])
    const as = (id: string): string => get('r1.shop.example', `X-Api-Key: key-of-${id}\r\n`)
    expect(await statusOf(harness, as('leaver'))).toBe(200)
    const poisoned = [...routes.slice(1), withField(routes[0]!, 'unheardOf')]
    const state = await harness.apply([...base(target, ['stayer']), ...poisoned])
    expect(state.nack).toBeNull()
    expect(state.refused.map(({ resource }) => resource)).toEqual(['route/shop/r0'])
    expect(await statusOf(harness, as('leaver'))).toBe(401)
    expect(await statusOf(harness, as('stayer'))).toBe(200)
  })
})
