import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import type { Provider, Resource } from '@gatehouse/contract'
import { createGatewayState } from '../state/gatewayState.ts'
import type { Permit } from './admit.ts'
import type { BuiltGateway } from './build.ts'
import type { RawRequest } from './facts.ts'
import type { Decision } from './gateway.ts'
import type { Refusal } from './refusal.ts'
import {
  authorizationRule,
  build,
  forgetful,
  openSnapshot,
  policy,
  provider,
  request,
  testClock,
} from './snapshotFixture.ts'

/** Callers with credentials, and the gateway that they call, for unit tests of admission. */

export const clock = testClock()
export const seconds = clock.now() / 1000
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
export const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'k' } as Record<string, string>

export function token(claims: object, kid = 'k'): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const good = { iss: 'https://idp', aud: 'orders', sub: 'ada', exp: seconds + 3600, tid: 'acme' }
  const input = `${encode({ alg: 'ES256', kid })}.${encode({ ...good, ...claims })}`
  return `${input}.${sign('sha256', Buffer.from(input), { key: pair.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

export const jwt: Provider = provider(
  {
    type: 'Jwt',
    issuer: 'https://idp',
    audiences: ['orders'],
    algorithms: ['ES256'],
    keySet: 'shop/staff/jwt',
    from: [{ header: 'authorization', prefix: 'Bearer ' }],
    requiredTyp: null,
    clockSkew: 0,
    maxTokenAge: null,
    replay: null,
    map: { roles: ['roles'], scopes: null, groups: null, tenant: ['tid'], plan: null, trustLevel: null },
  },
  { name: 'staff' },
)
export const apiKey: Provider = provider(
  { type: 'ApiKey', from: [{ header: 'x-api-key', prefix: '' }], credentials: 'shop/staff/keys' },
  { name: 'partners' },
)
export const mtls: Provider = provider(
  { type: 'Mtls', subjectAltNames: [{ type: 'DNS', pattern: '*.mesh' }], trust: null },
  { name: 'mesh' },
)

export const keySet: Resource = { kind: 'keySet', name: 'shop/staff/jwt', spec: { type: 'Inline', keys: [jwk] } }
const credentials: Resource = {
  kind: 'credentials',
  name: 'shop/staff/keys',
  spec: {
    clients: [
      {
        id: 'acme',
        keys: [
          {
            keyHash: `sha256:${createHash('sha256').update('secret').digest('hex')}`,
            notBefore: null,
            expiresAt: null,
          },
        ],
        roles: [],
        scopes: [],
        tenant: 'acme',
        plan: null,
      },
    ],
  },
}

export const allowAuthenticated = authorizationRule('Allow', { principal: [{ attribute: 'Authenticated' }] })
export const allowAcme = authorizationRule('Allow', {
  name: 'acme',
  principal: [{ attribute: 'Tenant', values: { anyOf: ['acme'] } }],
})

/** A gateway with these resources in place of, or beside, those of an open route. */
export function gateway(...resources: Resource[]): BuiltGateway {
  const byKey = new Map(
    [...openSnapshot(), keySet, credentials, ...resources].map((one) => [`${one.kind}/${one.name}`, one]),
  )
  const state = createGatewayState({ clock, random: () => 0 })
  return build([...byKey.values()], { state, clock })
}

/** One route under one policy. */
export const under = (over: Parameters<typeof policy>[0], ...more: Resource[]): BuiltGateway =>
  gateway(policy(over), ...more)

export const admit = async (built: BuiltGateway, raw: RawRequest = request()): Promise<Decision> =>
  await built.gateway.admit(raw, forgetful)

/** `permit`, `preflight`, or `check code`. */
export async function decide(built: BuiltGateway, raw?: RawRequest): Promise<string> {
  const decision = await admit(built, raw)
  return decision.outcome === 'refusal' ? `${decision.check} ${decision.code}` : decision.outcome
}

export async function permitted(built: BuiltGateway, raw: RawRequest): Promise<Permit> {
  const decision = await admit(built, raw)
  if (decision.outcome === 'permit') return decision
  throw new Error(decision.outcome === 'refusal' ? `${decision.check} ${decision.code}` : decision.outcome)
}

export async function refused(built: BuiltGateway, raw?: RawRequest): Promise<Refusal> {
  const decision = await admit(built, raw)
  if (decision.outcome !== 'refusal') throw new Error(decision.outcome)
  return decision
}

export const bearer = (text: string): string[] => ['Authorization', `Bearer ${text}`]
