import { seal, type Resource } from '@gatehouse/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBackend, type Backend } from '../support/backend.ts'
import { sendRaw } from '../support/raw.ts'
import {
  addressesFrom,
  authorizationRule,
  enforce,
  installationResource,
  listenersApart,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
  under,
} from '../support/resources.ts'
import { startServedDataplane, type ServedDataplane } from '../support/servedDataplane.ts'
import { attackedEntry } from './attackedEntry.ts'

const anyone = authorizationRule('anyone', 'Allow', { principal: [{ attribute: 'Anyone' }] })
const loopback = ['127.0.0.0/8']
/**
 * `near` believes the peer; `far` takes loopback for addresses that nodes share; `nodes` does and believes loopback in
 * X-Forwarded-For, as `proxied` does; `forwarded` in Forwarded; `elsewhere` believes only proxies of another network.
 */
const believing = {
  near: addressesFrom(),
  far: { ...addressesFrom(), clusterCIDRs: loopback },
  nodes: { ...addressesFrom(...loopback), clusterCIDRs: loopback },
  proxied: addressesFrom(...loopback),
  forwarded: { ...addressesFrom(...loopback), header: 'Forwarded' as const },
  elsewhere: addressesFrom('198.51.100.0/24'),
}

const resources = (backend: Backend): Resource[] => [
  installationResource(),
  ...listenersApart(
    Object.fromEntries(Object.entries(believing).map(([name, clientAddress]) => [name, { clientAddress }])),
  ),
  ...upstreamResources('web', [backend]),
  policyResource(),
  policyResource({ sourceIPs: { allow: ['127.0.0.0/8', '203.0.113.0/24'], deny: [], broken: false } }, 'allow'),
  policyResource({ sourceIPs: { allow: [], deny: ['203.0.113.0/24'], broken: false } }, 'deny'),
  { kind: 'denyList', name: 'shop/denied', spec: { ranges: ['203.0.113.0/24'], callers: [] } },
  policyResource({ denyList: { list: 'shop/denied', broken: false } }, 'denied'),
  policyResource(
    {
      rules: [
        authorizationRule('outside', 'Deny', {
          unless: { sourceCIDRs: ['127.0.0.0/8'], principal: null, expression: null },
        }),
        anyone,
      ],
    },
    'unless',
  ),
  policyResource(
    {
      rules: [authorizationRule('odd', 'Deny', { expression: 'request.sourceIP == "203.0.113.7"' }), anyone],
    },
    'expression',
  ),
  routeResource(
    ['allow', 'deny', 'denied', 'unless', 'expression', 'public'].map((name) =>
      ruleTo('web', { name, matches: under(`/${name}`), access: enforce(name) }),
    ),
    { listeners: Object.keys(believing) },
  ),
]

let backend: Backend
let served: ServedDataplane
beforeAll(async () => {
  backend = await startBackend()
  served = await startServedDataplane(resources(backend).map(seal), attackedEntry)
})
afterAll(async () => {
  await served.close()
  await backend.close()
})

async function ask(listener: keyof typeof believing, path: string, headers: readonly string[] = []) {
  const bytes = [`GET /${path} HTTP/1.1`, 'Host: api.shop.example', ...headers, '', ''].join('\r\n')
  const before = backend.requests.length
  const { responses } = await sendRaw(await served.process.listener(listener), bytes, { responses: 1 })
  const id = responses[0]?.headers.get('x-request-id')?.[0]
  const line = await served.process.lines.first((one) => one['requestId'] === id, 20_000)
  return { status: responses[0]?.status, reached: backend.requests.length - before, line }
}

const passed = { status: 200, reached: 1 }
const refused = { status: 403, reached: 0 }

describe('attack: an address that nodes share', () => {
  it.each([
    ['is in no allowed range', 'allow', 'source-ip', 'forbidden'],
    ['cannot be shown to be outside a denied one', 'deny', 'source-ip', 'forbidden'],
    ['cannot be shown to be on no deny list', 'denied', 'deny-list', 'denied'],
    ['is no exception of a Deny', 'unless', 'authorization', 'forbidden'],
    ['is true in the expression of a Deny', 'expression', 'authorization', 'forbidden'],
  ])('%s', async (_name, path, check, code) => {
    expect(await ask('near', path)).toMatchObject({ ...passed, line: { clientAddress: '127.0.0.1' } })
    const line = { log: 'security', code, check, clientAddress: null }
    expect(await ask('far', path)).toMatchObject({ ...refused, line })
    expect(await ask('far', path, ['X-Forwarded-For: 127.0.0.1', 'Forwarded: for=127.0.0.1'])).toMatchObject(refused)
    expect(await ask('nodes', path)).toMatchObject(refused)
  })

  it('stops nobody where nothing asks for it', async () => {
    expect(await ask('far', 'public')).toMatchObject({ ...passed, line: { log: 'audit', clientAddress: null } })
  })

  it('is known when a trusted proxy reports it', async () => {
    expect(await ask('nodes', 'allow', ['X-Forwarded-For: 203.0.113.7'])).toMatchObject(passed)
    expect(await ask('nodes', 'deny', ['X-Forwarded-For: 203.0.113.7'])).toMatchObject(refused)
    expect(await ask('nodes', 'unless', ['X-Forwarded-For: 127.0.0.9'])).toMatchObject(passed)
  })
})

describe('attack: a report of somebody who is no proxy', () => {
  it('is not believed', async () => {
    const forged = ['X-Forwarded-For: 203.0.113.7, 198.51.100.9', 'Forwarded: for=203.0.113.7']
    expect(await ask('elsewhere', 'allow', forged)).toMatchObject({ ...passed, line: { clientAddress: '127.0.0.1' } })
    expect(await ask('elsewhere', 'deny', forged)).toMatchObject(passed)
  })
})

describe('attack: a report in the field that the proxy does not write', () => {
  it('is the own word of the client, and not believed', async () => {
    const both = ['X-Forwarded-For: 203.0.113.7', 'Forwarded: for=203.0.113.8']
    expect((await ask('proxied', 'public', both)).line).toMatchObject({ clientAddress: '203.0.113.7' })
    expect((await ask('forwarded', 'public', both)).line).toMatchObject({ clientAddress: '203.0.113.8' })
    expect(
      (await ask('forwarded', 'deny', ['X-Forwarded-For: 198.51.100.1', 'Forwarded: for=203.0.113.8'])).status,
    ).toBe(403)
    expect((await ask('proxied', 'public', ['Forwarded: for=203.0.113.8'])).line).toMatchObject({
      clientAddress: '127.0.0.1',
    })
  })
})
