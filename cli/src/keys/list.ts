import { readApiKeyEntry, type ApiKeyEntry } from '@gatehouse/controller'
import { columns } from '../columns.ts'
import { plainText } from '../plainText.ts'
import { hasExpired } from './entry.ts'
import type { KeySecret } from './keySecret.ts'

type State = 'valid' | 'future' | 'expired'

/** One key, without anything that it could be known by. Times in RFC 3339; null = no bound. */
export interface ListedKey {
  readonly state: State
  readonly notBefore: string | null
  readonly expiresAt: string | null
}

/** One client of one Secret. */
export interface ListedClient {
  readonly client: string
  readonly secret: { readonly namespace: string | null; readonly name: string }
  /** null = the entry is not sound, so that no gateway knows the client. */
  readonly entry: (Omit<ApiKeyEntry, 'keys'> & { readonly keys: readonly ListedKey[] }) | null
}

function stateOf(key: ApiKeyEntry['keys'][number], now: number): State {
  if (hasExpired(key, now)) return 'expired'
  return key.notBefore !== undefined && Date.parse(key.notBefore) > now ? 'future' : 'valid'
}

function entryOf(text: string | null, now: number): ListedClient['entry'] {
  const entry = text === null ? null : readApiKeyEntry(text)
  if (entry === null) return null
  const { roles, scopes, tenant, plan } = entry
  const keys = entry.keys.map((key) => ({
    state: stateOf(key, now),
    notBefore: key.notBefore ?? null,
    expiresAt: key.expiresAt ?? null,
  }))
  return { keys, roles, scopes, tenant, plan }
}

/** The clients of some Secrets, sorted. @param now - milliseconds since the epoch */
export const clientsIn = (secrets: readonly KeySecret[], now: number): readonly ListedClient[] =>
  secrets.flatMap(({ namespace, name, entries }) =>
    [...entries]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([client, text]) => ({ client, secret: { namespace, name }, entry: entryOf(text, now) })),
  )

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
] as const

/** A span of time in its largest unit, as kubectl writes ages. */
function spanOf(milliseconds: number): string {
  const [unit, size] = units.find(([, one]) => milliseconds >= one) ?? ['s', 1000]
  return `${Math.floor(milliseconds / size)}${unit}`
}

const age = ({ notBefore }: ListedKey, now: number): string => {
  const since = notBefore === null ? NaN : now - Date.parse(notBefore)
  return since >= 0 ? spanOf(since) : '-'
}

const noEntry = ['invalid', '-', '-', '-', '-']

function rowsOf({ client, secret, entry }: ListedClient, now: number): readonly (readonly string[])[] {
  if (entry === null) return [[client, secret.name, ...noEntry]]
  const { keys, roles, tenant, plan } = entry
  const attributes = [roles.length === 0 ? '-' : roles.join(','), [tenant ?? '-', plan ?? '-'].join('/')]
  return keys.map((key) => [client, secret.name, key.state, age(key, now), key.expiresAt ?? 'never', ...attributes])
}

/** Clients as text for people, a line for each key. */
export function tableOf(clients: readonly ListedClient[], now: number): string {
  const rows = clients.flatMap((client) => rowsOf(client, now))
  const table = columns([['CLIENT', 'SECRET', 'STATE', 'AGE', 'EXPIRES', 'ROLES', 'TENANT/PLAN'], ...rows])
  return table.map((line) => `${plainText(line)}\n`).join('')
}
