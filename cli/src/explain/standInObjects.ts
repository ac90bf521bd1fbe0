import { createHash, generateKeyPairSync } from 'node:crypto'
import type { World, WorldObject } from '@gatehouse/controller'
import { parseSpec, type AccessPolicySpec, type Json } from '@gatehouse/crds'

/** A client of an API key that is described instead of looked up. */
export interface DescribedClient {
  readonly id: string
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  readonly tenant?: string | undefined
  readonly plan?: string | undefined
}

type Provider = NonNullable<NonNullable<AccessPolicySpec['authentication']>['anyOf']>[number]

interface PlacedProvider {
  readonly namespace: string
  readonly provider: Provider
}

function specOf({ raw }: WorldObject): AccessPolicySpec | null {
  const parsed = parseSpec('AccessPolicy', raw['spec'])
  return parsed.ok ? parsed.spec : null
}

const providersIn = (world: World): readonly PlacedProvider[] =>
  [...world.AccessPolicy.values()].flatMap((policy) =>
    (specOf(policy)?.authentication?.anyOf ?? []).map((provider) => ({ namespace: policy.meta.namespace, provider })),
  )

/** A key set that verifies nothing, since its private key is gone: it stands for one that is not at hand. */
function someKeySet(): string {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'stand-in', alg: 'ES256' }] })
}

/**
 * ConfigMaps in place of the key sets that policies name and that are not there. Whoever only says what a token claims
 * needs no key for it.
 */
export function standInKeySets(world: World): readonly Json[] {
  const missing = new Map<string, { namespace: string; name: string; keys: Set<string> }>()
  for (const { namespace, provider } of providersIn(world)) {
    const ref = provider.jwt?.jwks.configMapRef
    if (!ref || world.ConfigMap.has(`${namespace}/${ref.name}`)) continue
    const place = `${namespace}/${ref.name}`
    const known = missing.get(place) ?? { namespace, name: ref.name, keys: new Set<string>() }
    known.keys.add(ref.key)
    missing.set(place, known)
  }
  if (missing.size === 0) return []
  const keySet = someKeySet()
  return [...missing.values()].map(({ namespace, name, keys }) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace, name },
    data: Object.fromEntries([...keys].map((key) => [key, keySet])),
  }))
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** Secrets with a described client, one for each selection of keys that policies make. */
export function standInClient(world: World, client: DescribedClient): readonly Json[] {
  const { id, roles, scopes, tenant, plan } = client
  const keyHash = `sha256:${createHash('sha256').update(`stand-in ${id}`).digest('hex')}`
  const entry = { keyHash, roles: [...roles], scopes: [...scopes], ...(tenant && { tenant }), ...(plan && { plan }) }
  const selections = new Map<string, { namespace: string; labels: { readonly [key: string]: string } }>()
  for (const { namespace, provider } of providersIn(world)) {
    const labels = provider.apiKey?.secretSelector.matchLabels
    if (labels) selections.set(JSON.stringify([namespace, labels]), { namespace, labels })
  }
  return [...selections.values()].map(({ namespace, labels }, index) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'gatehouse.dev/api-keys',
    metadata: { namespace, name: `stand-in-${index}`, labels },
    data: { [id]: base64(JSON.stringify(entry)) },
  }))
}
