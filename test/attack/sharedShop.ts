import { expect } from 'vitest'
import {
  seal,
  type Access,
  type Provider,
  type Quota,
  type Resource,
  type ResourceSpec,
  type SealedResource,
} from '@gatehouse/contract'
import { startBackend, type Backend } from '../support/backend.ts'
import { storeResource, together } from '../support/countingFleet.ts'
import { createIssuer, type Issuer } from '../support/issuer.ts'
import { quota } from '../support/quota.ts'
import { sendRaw } from '../support/raw.ts'
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
import { storeIs } from '../support/storeState.ts'
import { request } from './attack.ts'
import { attackedEntry } from './attackedEntry.ts'
import { audience, issuer, staff, tickets } from './providers.ts'

/** A shop of two data planes that count in one store; each policy guards the path of its name. */

type PolicySpec = ResourceSpec<'policy'>
type Failing = NonNullable<Quota['shared']>['onStoreFailure']

const hour = 3_600_000
/** Of one route. */
const mostRules = 16
/** Where the usage path tells of the two policies that are told, and of no more. */
export const toldHost = 'told.shop.example'
export const usagePath = '/.well-known/gatehouse/usage'

const limitOf = (limit: number): Quota['rates'] => [{ limit, window: hour, burst: limit }]

/** So many by the store's count, for each address unless it is said otherwise. */
const counted = (name: string, limit: number, over: Partial<Quota> = {}, failing: Failing = 'Deny'): Quota =>
  together({ sharePercent: null, onStoreFailure: failing }, { name, rates: limitOf(limit), ...over })

const leased = (sharePercent: number): Partial<Quota> => ({ shared: { sharePercent, onStoreFailure: 'Deny' } })

const byDevice: Quota['keys'] = [{ type: 'IP' }, { type: 'Header', name: 'x-device' }]

/** Costs nothing beforehand, and what its answer says. */
const told = (cost: number): Partial<Quota> => ({
  cost: { default: cost, byMethod: [], responseHeader: { name: 'x-cost', max: 200 } },
})

const once: Provider = {
  ...tickets,
  method: { ...tickets.method, ...(tickets.method.type === 'Jwt' && { replay: { claim: 'jti', scope: 'Shared' } }) },
}

const open = (...quotas: Quota[]): Partial<PolicySpec> => ({ quotas })
const known = (...quotas: Quota[]): Partial<PolicySpec> => ({ providers: [staff], quotas })

const policies: Readonly<Record<string, Partial<PolicySpec>>> = {
  ...Object.fromEntries(
    ['pipelined', 'streams', 'spelled', 'aborted', 'endless', 'routed', 'headers'].map((name) => [
      name,
      open(counted('together', 3)),
    ]),
  ),
  planes: open(counted('together', 5)),
  levels: open(counted('narrow', 3, { keys: byDevice })),
  wide: open(counted('wide', 5)),
  'given-back': open(quota(['IP'], { name: 'here', rates: limitOf(5) }), counted('narrow', 2, { keys: byDevice })),
  'here-first': open(quota(['IP'], { name: 'here', rates: limitOf(2) }), counted('together', 1000)),
  leased: open(counted('leased', 10, leased(50))),
  'leased-back': open(counted('leased', 6, leased(50)), counted('narrow', 2, { keys: byDevice })),
  weighed: open(counted('weighed', 100, { ...told(1), ...leased(50) })),
  claims: known(
    counted('claims', 5, {
      keys: [
        { type: 'Claim', path: ['a'] },
        { type: 'Claim', path: ['b'] },
      ],
    }),
  ),
  principals: known(counted('principals', 5, { keys: [{ type: 'Principal' }] })),
  once: { providers: [once] },
  'told-exact': open(counted('exact', 10)),
  'told-leased': open(counted('leased', 10, leased(50))),
  deny: open(counted('deny', 1000)),
  allow: open(counted('allow', 1000, {}, 'Allow')),
  differ: open(counted('allow', 1000, {}, 'Allow'), counted('deny', 1000)),
  fallback: open(counted('fallback', 4, {}, 'LocalFallback')),
  owing: open(counted('owing', 1000, told(0))),
  free: open(counted('free', 1000, { cost: { default: 0, byMethod: [], responseHeader: null } })),
  expiring: open(counted('expiring', 1000, { ...leased(50), algorithm: 'FixedWindow' })),
}

/** Under the policy of its name, and some under a wider one, too. */
function accessOf(name: string): Access {
  const own = enforce(name)
  if (name !== 'levels' || own.type !== 'Enforce') return own
  return { ...own, policies: [{ policy: 'shop/wide', level: 0 }, ...own.policies] }
}

interface Made {
  readonly backend: Backend
  readonly idp: Issuer
  /** Of the store, on loopback; null = nobody says where it is. */
  readonly port: number | null
}

function sharedResources({ backend, idp, port }: Made): SealedResource[] {
  const rules = Object.keys(policies).map((name) =>
    ruleTo('web', { name, matches: under(`/${name}`), access: accessOf(name) }),
  )
  const all: Resource[] = [
    installationResource({ usage: usagePath }),
    listenerResource(),
    { kind: 'fleet', name: 'fleet', spec: { dataPlanes: 2 } },
    ...(port === null ? [] : [storeResource({ type: 'Single', server: { host: '127.0.0.1', port } })]),
    ...upstreamResources('web', [backend]),
    { kind: 'keySet', name: 'shop/idp', spec: { type: 'Inline', keys: [{ ...idp.jwk }] } },
    ...Object.entries(policies).map(([name, over]) => policyResource(over, name)),
    routeResource(rules.slice(0, mostRules)),
    routeResource(rules.slice(mostRules), { object: { namespace: 'shop', name: 'more' } }, 'more'),
    routeResource(
      rules.filter(({ name }) => name.startsWith('told-')),
      { hostnames: [toldHost], object: { namespace: 'shop', name: 'told' } },
      'told',
    ),
    routeResource(
      [ruleTo('web', { access: enforce('routed') })],
      { hostnames: ['too.shop.example'], object: { namespace: 'shop', name: 'too' } },
      'too',
    ),
  ]
  return all.map(seal)
}

/** What came back. */
export interface Told {
  readonly status: number
  readonly code: string
  readonly body: string
  /** The first value of a header; undefined = it is not there. */
  header(name: string): string | undefined
}

export interface SharedShop {
  readonly backend: Backend
  readonly planes: readonly ServedDataplane[]
  /** Sends requests in one packet. @param plane - 0 or 1 */
  send(texts: readonly string[], plane?: number): Promise<readonly Told[]>
  /** Sends one. */
  ask(text: string, plane?: number): Promise<Told>
  /** A request with a token of these claims. */
  signed(target: string, claims: Parameters<Issuer['sign']>[0]): Promise<string>
  /** How many requests the backend has begun to see below a path. */
  seen(path: string): number
  target(plane?: number): Promise<{ readonly address: string; readonly port: number }>
  /** Says to both where the store is. @param port - on loopback; null = nowhere */
  tell(port: number | null): Promise<void>
  close(): Promise<void>
}

/** @param port - of the store, on loopback */
export async function startSharedShop(port: number): Promise<SharedShop> {
  const backend = await startBackend()
  const idp = await createIssuer({ issuer })
  const made = { backend, idp }
  const planes: ServedDataplane[] = []
  while (planes.length < 2) planes.push(await startServedDataplane(sharedResources({ ...made, port }), attackedEntry))
  for (const { process } of planes) await storeIs('up', await process.admin())
  const target = (plane = 0) => planes[plane]!.process.listener('http')
  const send = async (texts: readonly string[], plane = 0): Promise<readonly Told[]> => {
    const { responses } = await sendRaw(await target(plane), texts.join(''), { responses: texts.length })
    return responses.map(({ status, headers, body }) => ({
      status,
      code: /problem:([\w-]+)/.exec(body.toString())?.[1] ?? '',
      body: body.toString(),
      header: (name) => headers.get(name)?.[0],
    }))
  }
  return {
    ...{ backend, planes, send, target },
    ask: async (text, plane) => (await send([text], plane))[0]!,
    signed: async (path, claims) => {
      const token = await idp.sign({ sub: 'alice', aud: audience, ...claims }, { typ: 'at+jwt' })
      return request(path, { headers: [`Authorization: Bearer ${token}`] })
    },
    seen: (path) => backend.bytes().toString('latin1').split(`${path} HTTP/1.1\r\n`).length - 1,
    tell: async (next) => {
      for (const { controller } of planes) await controller.publish(sharedResources({ ...made, port: next }))
    },
    close: async () => {
      for (const plane of planes) await plane.close()
      await backend.close()
    },
  }
}

/**
 * Of a limit no more passes, and no less but for calls that a busy machine had no answer to in time: they are refused, and
 * what they took is gone.
 *
 * @param most - units that one call may take
 * @returns how many have passed
 */
export function expectLimit(statuses: readonly (number | null)[], limit: number, most = 1): number {
  const those = (status: number): number => statuses.filter((one) => one === status).length
  expect(those(200)).toBeLessThanOrEqual(limit)
  expect(those(200) + most * those(503)).toBeGreaterThanOrEqual(limit)
  expect(those(200) + those(503) + those(429)).toBe(statuses.length)
  return those(200)
}
