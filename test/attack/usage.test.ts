import { seal, type Quota, type Resource, type SealedResource } from '@gatehouse/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBackend, type Backend } from '../support/backend.ts'
import { sendRaw } from '../support/raw.ts'
import type { RawResponse } from '../support/response.ts'
import {
  enforce,
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  under,
  upstreamResources,
} from '../support/resources.ts'
import { startServedDataplane, type ServedDataplane } from '../support/servedDataplane.ts'
import { clientWith } from '../support/keyHash.ts'
import { attackedEntry } from './attackedEntry.ts'
import { request } from './attack.ts'

const keys = { acme: 'k-acme-4d6c8e2f1a0b9c8d7e6f5a4b3c2d1e0f', globex: 'k-globex-8e2f1a0b9c8d7e6f5a4b3c2d1e0f9a8b' }
const path = '/.well-known/gatehouse/usage'
const hour = 3_600_000

const quota = (name: string, limit: number, ...parts: Quota['keys']): Quota => ({
  name,
  keys: parts,
  algorithm: 'FixedWindow',
  scope: 'Replica',
  shared: null,
  rates: [{ limit, window: hour, burst: limit }],
  calendar: null,
  plans: [],
  cost: { default: 1, byMethod: [], responseHeader: null },
  broken: false,
})

type PolicySpec = NonNullable<Parameters<typeof policyResource>[0]>

const byKey = (credentials: string): Partial<PolicySpec> => ({
  providers: [
    {
      name: 'partners',
      asserts: { roles: [], groups: [], tenants: ['*'], plans: [] },
      broken: false,
      method: { type: 'ApiKey', from: [{ header: 'x-api-key', prefix: '' }], credentials },
    },
  ],
})

const credentials = (name: string, clients: Readonly<Record<string, string>>): Resource => ({
  kind: 'credentials',
  name,
  spec: {
    clients: Object.entries(clients).map(([tenant, key]) => clientWith(key, { id: tenant, tenant })),
  },
})

function resources(backend: Backend): SealedResource[] {
  const all: Resource[] = [
    installationResource({ usage: path }),
    listenerResource(),
    ...upstreamResources('web', [backend]),
    credentials('shop/partners', keys),
    credentials('shop/others', { other: 'k-other-0b9c8d7e6f5a4b3c2d1e0f9a8b8e2f1a' }),
    policyResource({
      ...byKey('shop/partners'),
      quotas: [
        quota('mine', 5, { type: 'Principal' }),
        quota('device', 5, { type: 'IP' }, { type: 'Header', name: 'x-device' }),
      ],
    }),
    policyResource({ ...byKey('shop/others'), quotas: [quota('theirs', 7, { type: 'Principal' })] }, 'others'),
    policyResource({ quotas: [quota('everybody', 1000, { type: 'IP' })] }, 'open'),
    policyResource(
      {
        ...byKey('shop/partners'),
        sourceIPs: { allow: ['192.0.2.0/24'], deny: [], broken: false },
        quotas: [quota('inside', 9, { type: 'IP' })],
      },
      'inside',
    ),
    policyResource({ ...byKey('shop/partners'), quotas: [quota('elsewhere', 9, { type: 'Principal' })] }, 'elsewhere'),
    routeResource([
      ruleTo('web', { name: 'mine', matches: under('/mine') }),
      ruleTo('web', { name: 'others', matches: under('/others'), access: enforce('others') }),
      ruleTo('web', { name: 'inside', matches: under('/inside'), access: enforce('inside') }),
    ]),
    policyResource({ failureThrottle: { limit: 2, window: hour, blockFor: hour, perProvider: null } }, 'wide'),
    routeResource(
      ['mine', 'others'].map((name) => ruleTo('web', { name, matches: under(`/${name}`), access: throttled(name) })),
      { hostnames: ['guessed.shop.example'] },
      'guessed',
    ),
    routeResource([ruleTo('web', { access: enforce('open') })], { hostnames: ['open.shop.example'] }, 'open'),
    routeResource(
      [ruleTo('web', { access: enforce('elsewhere') })],
      { hostnames: ['other.shop.example'] },
      'elsewhere',
    ),
  ]
  return all.map(seal)
}

/** Under a policy that blocks who guesses, beside that of the rule. */
const throttled = (name: string): ReturnType<typeof enforce> => {
  const own = enforce(name === 'mine' ? 'public' : name)
  if (own.type !== 'Enforce') throw new Error('nothing is enforced')
  return { ...own, policies: [...own.policies, { policy: 'shop/wide', level: 0 }] }
}

interface Told {
  readonly name: string
  readonly remaining: number
}

describe('attack: usage', () => {
  let backend: Backend
  let served: ServedDataplane
  let target: { readonly address: string; readonly port: number }
  beforeAll(async () => {
    backend = await startBackend()
    served = await startServedDataplane(resources(backend), attackedEntry)
    target = await served.process.listener('http')
  })
  afterAll(async () => {
    await served.close()
    await backend.close()
  })

  const send = async (text: string): Promise<RawResponse> =>
    (await sendRaw(target, text, { responses: 1 })).responses[0]!
  /** Asks, and again as soon as it is let. */
  async function ask(text: string): Promise<RawResponse> {
    let answer = await send(text)
    const again = async () => (answer.status === 429 ? (answer = await send(text)) : answer).status
    await expect.poll(again, { timeout: 5000 }).not.toBe(429)
    return answer
  }
  const told = ({ status, body }: RawResponse): readonly Told[] => {
    expect(status).toBe(200)
    return (JSON.parse(body.toString()) as { quotas: Told[] }).quotas
  }
  const codeOf = ({ body }: RawResponse): string => /problem:([\w-]+)/.exec(body.toString())?.[1] ?? ''
  const by = (key: string, at = path, more: readonly string[] = []): string =>
    request(at, { headers: [`X-Api-Key: ${key}`, ...more] })

  it('tells a caller its own quotas, charges none of them, and nothing reaches a backend', async () => {
    await send(by(keys.acme, '/mine/x'))
    await send(by(keys.acme, '/mine/x'))
    const before = backend.requests.length
    const first = await ask(by(keys.acme))
    expect(told(first)).toEqual([{ name: 'mine', limit: 5, window: 3600, remaining: 3, reset: expect.any(Number) }])
    expect(first.headers.get('cache-control')).toEqual(['no-store'])
    expect(first.headers.get('content-type')).toEqual(['application/json'])
    expect(told(await ask(by(keys.acme)))).toMatchObject([{ name: 'mine', remaining: 3 }])
    expect(backend.requests.length).toBe(before)
    const line = await served.process.lines.first(
      ({ requestId }) => requestId === first.headers.get('x-request-id')?.[0],
    )
    expect(line).toMatchObject({ decision: 'permit', check: 'reserved', path })
  })

  it.each([
    ['a query', `${path}?key=acme&principal=acme&tenant=acme`, []],
    ['headers', path, ['X-Gatehouse-Subject: acme', 'X-Forwarded-User: acme', 'X-Tenant: acme', 'X-Device: d-1']],
  ])('tells nobody the usage of another, whatever %s says', async (_, at, headers) => {
    expect(told(await ask(by(keys.globex, at, headers)))).toMatchObject([{ name: 'mine', remaining: 5 }])
  })

  it('tells nothing of policies that would not let the caller in, nor of those of other hosts', async () => {
    const names = told(await ask(by(keys.acme))).map(({ name }) => name)
    expect(names).toEqual(['mine'])
    const others = await ask(request(path, { host: 'other.shop.example', headers: [`X-Api-Key: ${keys.acme}`] }))
    expect(told(others).map(({ name }) => name)).toEqual(['elsewhere'])
  })

  it.each([
    ['nobody', request(path), 401, 'unauthenticated'],
    ['a wrong key', by('k-wrong'), 401, 'unauthenticated'],
    ['two keys', by(keys.acme, path, [`X-Api-Key: ${keys.acme}`]), 400, 'ambiguous-credential'],
    ['a host that nothing is served on', request(path, { host: 'nobody.example' }), 404, 'no-route'],
    ['another method', request(path, { method: 'DELETE', headers: [`X-Api-Key: ${keys.acme}`] }), 404, 'no-route'],
    ['a body', request(path, { headers: [`X-Api-Key: ${keys.acme}`], body: '{}' }), 404, 'no-route'],
    ['what lies below it', by(keys.acme, `${path}/acme`), 404, 'no-route'],
    ['what begins like it', by(keys.acme, `${path}s`), 404, 'no-route'],
  ])('refuses %s', async (_, text, status, code) => {
    const answer = await ask(text)
    expect([answer.status, codeOf(answer)]).toEqual([status, code])
    expect(answer.headers.get('cache-control')).toEqual(['no-store'])
    expect(answer.body.toString()).not.toContain('mine')
  })

  it('tells an anonymous caller, where those are let in, what its address has left', async () => {
    expect(told(await ask(request(path, { host: 'open.shop.example' })))).toMatchObject([{ name: 'everybody' }])
    const head = await sendRaw(target, request(path, { host: 'open.shop.example', method: 'HEAD' }), {
      responses: 1,
      methods: ['HEAD'],
    })
    expect(head.responses[0]?.body.length).toBe(0)
  })

  it('counts a credential once, however many rules judge it, and none that one of them knows', async () => {
    const guess = (key: string): string => by(key).replace('api.shop.example', 'guessed.shop.example')
    for (let round = 0; round < 2; round++) expect(told(await ask(guess(keys.acme)))).not.toEqual([])
    expect(codeOf(await ask(guess('k-nobody')))).toBe('unauthenticated')
    expect(told(await ask(guess(keys.acme)))).not.toEqual([])
    expect(codeOf(await ask(guess('k-nobody-else')))).toBe('unauthenticated')
    await expect.poll(async () => codeOf(await send(guess('k-nobody'))), { timeout: 5000 }).toBe('too-many-failures')
  })

  it('is limited itself, for all that one client asks, and costs no quota then either', async () => {
    const { responses } = await sendRaw(target, by(keys.globex).repeat(40), { responses: 40 })
    const limited = responses.filter(({ status }) => status === 429)
    expect(limited.length).toBeGreaterThan(20)
    expect(limited.map(codeOf)).toEqual(limited.map(() => 'quota-exceeded'))
    expect(limited[0]?.headers.get('retry-after')).toEqual(['1'])
    expect(told(await ask(by(keys.globex)))).toMatchObject([{ name: 'mine', remaining: 5 }])
  })
})
