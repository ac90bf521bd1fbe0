import { sha256, type ResourceSpec } from '@gatehouse/contract'
import { z } from 'zod'
import type { WorldObject } from '../world.ts'
import { listBytes } from './budget.ts'
import { note, type Note } from './findings.ts'
import { memoised } from './memo.ts'
import { decodedText, jsonOf, membersOf } from './raw.ts'

type Client = ResourceSpec<'credentials'>['clients'][number]

const attribute = z.string().min(1).max(256)
const instant = z.iso.datetime({ offset: true })

/** An entry of a Secret of type gatehouse.dev/api-keys: the key is the client id, the value this as JSON. */
const entry = z.strictObject({
  keyHash: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  notBefore: instant.optional(),
  expiresAt: instant.optional(),
  roles: z.array(attribute).max(64).default([]),
  scopes: z.array(attribute).max(64).default([]),
  tenant: attribute.optional(),
})

const clientId = /^[-._a-zA-Z0-9]{1,253}$/
const hashOfNothing = `sha256:${sha256('')}`
const maxClients = 10000

const time = (text: string | undefined): number | null => (text === undefined ? null : Date.parse(text))

function clientOf(id: string, base64: Parameters<typeof decodedText>[0]): Client | null {
  const text = decodedText(base64)
  const parsed = entry.safeParse(text === undefined ? undefined : jsonOf(text))
  if (!parsed.success || !clientId.test(id) || parsed.data.keyHash === hashOfNothing) return null
  const { keyHash, notBefore, expiresAt, roles, scopes, tenant } = parsed.data
  return { id, keyHash, notBefore: time(notBefore), expiresAt: time(expiresAt), roles, scopes, tenant: tenant ?? null }
}

/** A client and where it is written. */
interface Placed {
  readonly client: Client
  readonly at: string
}

interface SecretKeys {
  readonly clients: readonly Placed[]
  /** Bytes of all clients in an update. */
  readonly bytes: number
  readonly invalid: readonly string[]
}

const keysOf = memoised((secret: WorldObject): SecretKeys => {
  const clients: Placed[] = []
  const invalid: string[] = []
  for (const [id, value] of membersOf(secret.raw['data'])) {
    const at = `Secret ${secret.meta.name} /data/${clientId.test(id) ? id : '?'}`
    const client = clientOf(id, value)
    if (client) clients.push({ client, at })
    else invalid.push(at)
  }
  return { clients, bytes: listBytes(clients.map(({ client }) => client)), invalid }
})

const counted = (values: readonly string[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

/** What some Secrets hold. */
export interface ApiKeys {
  readonly clients: Client[]
  readonly notes: readonly Note[]
}

/**
 * The clients of these Secrets, sorted by id. An entry that is not sound is left out alone; where two have the same
 * client id or the same key, nobody can say whose it is, and all of them are left out.
 */
export function apiKeysOf(secrets: readonly WorldObject[]): ApiKeys {
  const keys = secrets.map(keysOf)
  const all = keys.flatMap(({ clients }) => clients)
  const ids = counted(all.map(({ client }) => client.id))
  const hashes = counted(all.map(({ client }) => client.keyHash))
  const isTwin = ({ client }: Placed): boolean => ids.get(client.id) !== 1 || hashes.get(client.keyHash) !== 1
  const single = all.filter((placed) => !isTwin(placed)).sort((a, b) => (a.client.id < b.client.id ? -1 : 1))
  const twins = all.filter(isTwin).map(({ at }) => at)
  const invalid = [...keys.flatMap((one) => one.invalid), ...single.slice(maxClients).map(({ at }) => at)]
  return {
    clients: single.slice(0, maxClients).map(({ client }) => client),
    notes: [
      ...(twins.length > 0 ? [note('PartiallyInvalid', 'DuplicateApiKey', ...twins.sort())] : []),
      ...(invalid.length > 0 ? [note('PartiallyInvalid', 'InvalidApiKey', ...invalid.sort())] : []),
    ],
  }
}

/** The most bytes that the clients of these Secrets take up in an update. */
export const apiKeyBytes = (secrets: readonly WorldObject[]): number =>
  secrets.reduce((sum, secret) => sum + keysOf(secret).bytes, 0)

/** The use of a Secret whose type says that it holds API keys (M12). */
export const apiKeySecretType = 'gatehouse.dev/api-keys'
