import type { WorldObject } from '../world.ts'
import { apiKeyClient, isClientId, namedHashes, type ApiKeyClient } from './apiKeyEntry.ts'
import { listBytes } from './budget.ts'
import { note, type Note } from './findings.ts'
import { memoised } from './memo.ts'
import { membersOf } from './raw.ts'

const maxClients = 10000

/** A client and where it is written. */
interface Placed {
  readonly client: ApiKeyClient
  readonly at: string
}

interface SecretKeys {
  readonly clients: readonly Placed[]
  /** Bytes of all clients in an update. */
  readonly bytes: number
  /** Where entries are that are not sound. */
  readonly invalid: readonly string[]
  /** Every client id and every hash that an entry names, sound or not; each once for an entry. */
  readonly named: readonly string[]
}

const keysOf = memoised((secret: WorldObject): SecretKeys => {
  const clients: Placed[] = []
  const invalid: string[] = []
  const named: string[] = []
  for (const [id, value] of membersOf(secret.raw['data'])) {
    const at = `Secret ${secret.meta.name} /data/${isClientId(id) ? id : '?'}`
    const client = apiKeyClient(id, value)
    if (client) clients.push({ client, at })
    else invalid.push(at)
    named.push(id, ...namedHashes(value))
  }
  return { clients, bytes: listBytes(clients.map(({ client }) => client)), invalid, named }
})

const counted = (values: readonly string[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

/** What some Secrets hold. */
export interface ApiKeys {
  readonly clients: ApiKeyClient[]
  /** When clients end that have no key without an end; the soonest first. */
  readonly ends: readonly { readonly at: string; readonly end: number }[]
  readonly notes: readonly Note[]
}

/** While a key replaces another the later end counts: that of the old one is meant. */
function endOf({ client, at }: Placed): readonly { readonly at: string; readonly end: number }[] {
  const end = Math.max(...client.keys.map(({ expiresAt }) => expiresAt ?? Infinity))
  return end === Infinity ? [] : [{ at, end }]
}

/**
 * The clients of these Secrets, sorted by id. An entry that is not sound is left out alone; where two name the same
 * client id or the same key, be they sound or not, nobody can say whose it is, and all of them are left out.
 */
export function apiKeysOf(secrets: readonly WorldObject[]): ApiKeys {
  const keys = secrets.map(keysOf)
  const all = keys.flatMap(({ clients }) => clients)
  const times = counted(keys.flatMap(({ named }) => named))
  const isTwin = ({ client }: Placed): boolean =>
    [client.id, ...client.keys.map(({ keyHash }) => keyHash)].some((name) => times.get(name) !== 1)
  const single = all.filter((placed) => !isTwin(placed)).sort((a, b) => (a.client.id < b.client.id ? -1 : 1))
  const twins = all.filter(isTwin).map(({ at }) => at)
  const invalid = [...keys.flatMap((one) => one.invalid), ...single.slice(maxClients).map(({ at }) => at)]
  const known = single.slice(0, maxClients)
  return {
    clients: known.map(({ client }) => client),
    ends: known.flatMap(endOf).sort((a, b) => a.end - b.end),
    notes: [
      ...(twins.length > 0 ? [note('PartiallyInvalid', 'DuplicateApiKey', ...twins.sort())] : []),
      ...(invalid.length > 0 ? [note('PartiallyInvalid', 'InvalidApiKey', ...invalid.sort())] : []),
    ],
  }
}

/** The most bytes that the clients of these Secrets take up in an update. */
export const apiKeyBytes = (secrets: readonly WorldObject[]): number =>
  secrets.reduce((sum, secret) => sum + keysOf(secret).bytes, 0)
