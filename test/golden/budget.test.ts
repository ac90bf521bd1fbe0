import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { maxMessageBytes, snapshotOf, type Json } from '@gatehouse/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compile } from '../../controller/src/compile/compile.ts'
import type { CompileOptions } from '../../controller/src/compile/options.ts'
import type { Compilation } from '../../controller/src/compile/verdict.ts'
import { worldOf } from '../../controller/src/compile/worldOf.ts'
import { difference } from '../../controller/src/push/difference.ts'
import type { World } from '../../controller/src/world.ts'
import { buildGateway } from '../../dataplane/src/gateway/build.ts'
import { forgetful, request, testClock } from '../../dataplane/src/gateway/snapshotFixture.ts'
import { createGatewayState } from '../../dataplane/src/state/gatewayState.ts'
import { readCase } from './case.ts'

const goldenCases = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => readCase(readFileSync(join(import.meta.dirname, name, 'in.yaml'), 'utf8')))

const installation = { namespace: 'gatehouse-system', name: 'edge' }
const options: CompileOptions = {
  address: '127.0.0.1',
  listen: { HTTP: null, HTTPS: null },
  upstreams: new Map(),
  deniedAddresses: [],
  folder: false,
}

type Document = { readonly [key: string]: Json }

const own = (kind: string, [namespace, name]: readonly [string, string], spec: Document, second = 0): Document => ({
  apiVersion: 'gatehouse.dev/v1alpha1',
  kind,
  metadata: { name, namespace, creationTimestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString() },
  spec,
})

const gatehouse = (perNamespace: Document = {}): Document =>
  own('Gatehouse', ['gatehouse-system', 'edge'], {
    tenancy: 'Single',
    bounds: { perNamespace },
    listeners: [
      {
        name: 'http',
        port: 8080,
        protocol: 'HTTP',
        default: true,
        plaintextCredentials: 'Allow',
        allowedRoutes: { namespaces: { from: 'All' } },
      },
    ],
  })

const service = (namespace: string): Document => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'orders', namespace },
  spec: { ports: [{ name: 'web', port: 80 }] },
})

const route = (namespace: string, name: string, hostname: string): Document =>
  own('GatewayRoute', [namespace, name], {
    hostnames: [hostname],
    rules: [{ name: 'all', backendRefs: [{ name: 'orders', port: 80 }] }],
  })

const targeting = (name: string): Document => ({
  targetRefs: [{ group: 'gatehouse.dev', kind: 'GatewayRoute', name }],
})

const keyPolicy = (namespace: string, name: string, matchLabels: Document): Document =>
  own('AccessPolicy', [namespace, name], {
    ...targeting('orders'),
    authentication: {
      anyOf: [{ name: 'partners', apiKey: { from: [{ header: 'x-api-key' }], secretSelector: { matchLabels } } }],
    },
    authorization: {
      rules: [{ name: 'all', action: 'Allow', methods: ['*'], principal: [{ attribute: 'Authenticated' }] }],
    },
  })

const secret = (namespace: string, name: string, labels: Document, keys: number): Document => ({
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'gatehouse.dev/api-keys',
  metadata: { name, namespace, labels },
  data: Object.fromEntries(
    Array.from({ length: keys }, (_, index) => {
      const keyHash = `sha256:${`${name.length}${index}`.padStart(64, '0')}`
      const roles = Array.from({ length: 50 }, (_role, at) => `${String(at)}${'r'.repeat(200)}`)
      return [`${name}-${index}`, Buffer.from(JSON.stringify({ keyHash, roles })).toString('base64')]
    }),
  ),
})

const bytesOf = ({ resources }: Compilation): number => Buffer.byteLength(JSON.stringify(resources))

/** Other objects stay the same objects, as after a watch event. */
const without = (world: World, key: string): World => ({
  ...world,
  Secret: new Map([...world.Secret].filter(([name]) => name !== key)),
})

describe('a namespace whose policies select ever other API keys', () => {
  const policies = 250
  const label = (policy: number): string => `policy-${policy}`
  /** Each policy selects another set of the Secrets: those whose bit its number has. */
  const hostile = [
    service('evil'),
    route('evil', 'orders', 'evil.example'),
    ...Array.from({ length: 8 }, (_, bit) => {
      const chosen = Array.from({ length: policies }, (_policy, index) => index + 1).filter((one) => one & (1 << bit))
      return secret('evil', 's'.repeat(bit + 1), Object.fromEntries(chosen.map((one) => [label(one), 'yes'])), 30)
    }),
    ...Array.from({ length: policies }, (_, index) => keyPolicy('evil', label(index), { [label(index + 1)]: 'yes' })),
  ]
  const victim = [
    service('shop'),
    route('shop', 'orders', 'api.shop.example'),
    secret('shop', 'partner', { keys: 'shop' }, 1),
    keyPolicy('shop', 'orders', { keys: 'shop' }),
  ]

  it('cannot keep the revocation of another namespace from going out', () => {
    const world = worldOf([gatehouse(), ...hostile, ...victim], 'FromMetadata')
    const before = snapshotOf(compile(world, installation, options).resources)
    const after = snapshotOf(compile(without(world, 'shop/partner'), installation, options).resources)
    const whole = JSON.stringify(difference(null, after))
    expect(Buffer.byteLength(whole)).toBeLessThan(10 * 1024 * 1024)
    const { set, removed } = difference(before, after)
    expect(set.map(({ name }) => name)).toEqual(['shop/api-keys/none', 'shop/orders'])
    expect(removed.every((key) => key.startsWith('credentials/shop/'))).toBe(true)
    expect(Buffer.byteLength(whole)).toBeLessThan(maxMessageBytes)
  })

  it('changes nothing of what another namespace gets', () => {
    const ofShop = (documents: readonly Document[]): Compilation['resources'] =>
      compile(worldOf(documents, 'FromMetadata'), installation, options).resources.filter(({ name }) =>
        name.startsWith('shop/'),
      )
    expect(ofShop([gatehouse(), ...hostile, ...victim])).toEqual(ofShop([gatehouse(), ...victim]))
  })
})

describe('all namespaces together', () => {
  const namespaces = Array.from({ length: 12 }, (_, index) => `ns-${index}`)
  const world = worldOf(
    [
      gatehouse(),
      ...namespaces.flatMap((namespace, index) => [
        service(namespace),
        route(namespace, 'orders', `${namespace}.example`),
        keyPolicy(namespace, 'orders', { keys: 'all' }),
        secret(namespace, 'partner', { keys: 'all' }, index),
      ]),
    ],
    'FromMetadata',
  )

  it('never make more than fits into a message', () => {
    const least = bytesOf(compile(worldOf([gatehouse()], 'FromMetadata'), installation, options))
    const all = bytesOf(compile(world, installation, options))
    fc.assert(
      fc.property(fc.integer({ min: least, max: all + 1000 }), (snapshotBytes) => {
        expect(bytesOf(compile(world, installation, { ...options, snapshotBytes }))).toBeLessThanOrEqual(
          snapshotBytes + 2,
        )
      }),
      { numRuns: 100 },
    )
  })

  it('stay within it in every golden case, whatever they make', () => {
    for (const { world: some, options: asCase, installation: of } of goldenCases) {
      const within = (snapshotBytes: number) => bytesOf(compile(some, of, { ...asCase, snapshotBytes }))
      const [least, all] = [within(0), within(10_000_000)]
      for (let part = 0; part < 1; part += 0.04) {
        const snapshotBytes = Math.floor(least + (all - least) * part)
        expect(within(snapshotBytes)).toBeLessThanOrEqual(snapshotBytes + 2)
      }
    }
  })

  it('take nothing from those that ask for little', () => {
    const modest = (snapshotBytes: number) =>
      compile(world, installation, { ...options, snapshotBytes }).resources.filter(({ name }) =>
        /^ns-[01]\//.test(name),
      )
    expect(modest(300_000)).toEqual(modest(10_000_000))
  })
})

/** Routes and policies of one namespace that overlap in every way, in random age. */
const layered = fc
  .record({
    routes: fc.array(
      fc.record({
        hostname: fc.constantFrom('*.example', 'a.example', 'b.example', '*.b.example', 'c.b.example'),
        path: fc.constantFrom('/', '/admin', '/admin/keys'),
        padding: fc.nat(3),
        second: fc.nat(9),
      }),
      { minLength: 1, maxLength: 8 },
    ),
    policies: fc.array(
      fc.record({
        target: fc.nat(7),
        section: fc.boolean(),
        action: fc.constantFrom('Allow', 'Deny', 'Allow+Deny'),
        padding: fc.nat(3),
        second: fc.nat(9),
      }),
      { minLength: 1, maxLength: 10 },
    ),
  })
  .map(({ routes, policies }): readonly Document[] => [
    service('shop'),
    ...routes.map(({ hostname, path, padding, second }, index) => {
      const matches = [path, ...Array.from({ length: padding }, (_, at) => `/${'p'.repeat(300)}${at}`)]
      const rule = {
        name: 'all',
        matches: matches.map((value) => ({ path: { type: 'PathPrefix', value } })),
        backendRefs: [{ name: 'orders', port: 80 }],
      }
      return own('GatewayRoute', ['shop', `route-${index}`], { hostnames: [hostname], rules: [rule] }, second)
    }),
    ...policies.map(({ target, section, action, padding, second }, index) => {
      const deny = { name: 'deny', action: 'Deny', paths: [{ type: 'PathPrefix', value: '/admin' }] }
      const allow = { name: 'allow', action: 'Allow', methods: ['*'], principal: [{ attribute: 'Anyone' }] }
      const quiet = Array.from({ length: padding }, (_, at) => ({
        ...deny,
        name: `quiet-${at}`,
        paths: [{ type: 'PathPrefix', value: `/${'q'.repeat(300)}` }],
      }))
      const rules = [...(action.includes('Deny') ? [deny] : []), ...(action.includes('Allow') ? [allow] : []), ...quiet]
      const targetRef = { group: 'gatehouse.dev', kind: 'GatewayRoute', name: `route-${target % routes.length}` }
      const spec = {
        targetRefs: [section ? { ...targetRef, sectionName: 'all' } : targetRef],
        ...(action.includes('Allow') ? { authentication: { anyOf: [{ name: 'public', anonymous: {} }] } } : {}),
        authorization: { rules },
      }
      return own('AccessPolicy', ['shop', `policy-${index}`], spec, second)
    }),
  ])

const asked = ['a.example', 'b.example', 'c.b.example', 'd.b.example', 'e.example'].flatMap((host) =>
  ['/', '/admin', '/admin/keys', '/admin/keys/1'].map((path) => ({ host, path })),
)

/** Which requests a data plane with this configuration lets through. */
async function permittedBy(documents: readonly Document[], bounds: Document): Promise<readonly boolean[]> {
  const { resources } = compile(worldOf([gatehouse(bounds), ...documents], 'FromMetadata'), installation, options)
  const built = buildGateway({
    ...snapshotOf(resources),
    state: createGatewayState({ clock: testClock(), random: () => 0.5 }),
    clock: testClock(),
    previous: null,
  })
  const outcomes = await Promise.all(
    asked.map(async ({ host, path }) =>
      built.gateway.admit(request(path, [], { rawHeaders: ['Host', host] }), forgetful),
    ),
  )
  built.release()
  return outcomes.map(({ outcome }) => outcome === 'permit')
}

describe('a budget', () => {
  it('opens nothing that was closed without it', async () => {
    const size = fc.constantFrom('1Ki', '2Ki', '3Ki', '4Ki', '6Ki', '8Ki')
    await fc.assert(
      fc.asyncProperty(layered, size, size, async (documents, routeBytes, policyBytes) => {
        const without = await permittedBy(documents, {})
        const within = await permittedBy(documents, { routeBytes, policyBytes })
        expect(within.filter((permitted, index) => permitted && !without[index])).toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})
