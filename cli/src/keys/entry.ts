import { readApiKeyEntry, type ApiKeyEntry } from '@gatehouse/controller'
import { CommandError, exitStatus } from '../exit.ts'
import { hashOf } from './newKey.ts'

type Key = ApiKeyEntry['keys'][number]

/** What becomes of the entry of a client: a text, or null when it goes. */
export type Edit = (text: string | null) => string | null

/** What a client may be given. */
export interface Attributes extends Omit<ApiKeyEntry, 'keys'> {}

const failure = (sentence: string): CommandError => new CommandError(sentence, exitStatus.failure)

/** RFC 3339, to the second. */
export const timeText = (time: number): string => new Date(time).toISOString().replace(/\.\d{3}Z$/, 'Z')

/** Milliseconds for which a new key is valid already, for clocks that differ. */
const backdated = 60_000

const keyOf = (key: string, now: number, expiresAt: number | null): Key => ({
  keyHash: hashOf(key),
  notBefore: timeText(now - backdated),
  ...(expiresAt === null ? {} : { expiresAt: timeText(expiresAt) }),
})

/** The shortest form that says it. */
function textOf({ keys, roles, scopes, tenant, plan }: ApiKeyEntry): string {
  const [first, ...more] = keys
  return JSON.stringify({
    ...(more.length === 0 ? first : { keys }),
    ...(roles.length > 0 && { roles }),
    ...(scopes.length > 0 && { scopes }),
    ...(tenant !== undefined && { tenant }),
    ...(plan !== undefined && { plan }),
  })
}

function entryOf(client: string, text: string | null): ApiKeyEntry {
  if (text === null) throw failure(`there is no client ${client}; gatehouse keys create makes one`)
  const entry = readApiKeyEntry(text)
  if (entry === null) throw failure(`the entry of ${client} is not sound; revoke it and create it anew`)
  return entry
}

/** Whether a key has come to its end. @param now - milliseconds since the epoch */
export const hasExpired = ({ expiresAt }: Key, now: number): boolean =>
  expiresAt !== undefined && Date.parse(expiresAt) <= now

/** A key that is to be written. Times in milliseconds since the epoch. */
export interface NewKey {
  readonly key: string
  readonly now: number
  /** null = never. */
  readonly expiresAt: number | null
}

/** A client that there is not yet. */
export const created =
  (client: string, { key, now, expiresAt }: NewKey, attributes: Attributes): Edit =>
  (text) => {
    if (text !== null) throw failure(`there is a client ${client} already; gatehouse keys rotate gives it a new key`)
    return textOf({ keys: [keyOf(key, now, expiresAt)], ...attributes })
  }

/** A client that gets a new key. @param overlap - milliseconds that the old one stays valid */
export const rotated =
  (client: string, { key, now, expiresAt }: NewKey, overlap: number): Edit =>
  (text) => {
    const { keys, ...attributes } = entryOf(client, text)
    const live = keys.filter((one) => !hasExpired(one, now))
    if (live.length > 1)
      throw failure(`${client} has two live keys; gatehouse keys revoke --old ends the older one before another begins`)
    const until = (old: Key): number => Math.min(now + overlap, old.expiresAt ? Date.parse(old.expiresAt) : Infinity)
    const old = overlap === 0 ? [] : live.map((one) => ({ ...one, expiresAt: timeText(until(one)) }))
    return textOf({ keys: [...old, keyOf(key, now, expiresAt)], ...attributes })
  }

/** A client that there is no longer. */
export const revoked =
  (client: string): Edit =>
  (text) => {
    if (text === null) throw failure(`there is no client ${client}`)
    return null
  }

/** A client of whose keys only the newest stays: the last in the list. */
export const withoutOld =
  (client: string): Edit =>
  (text) => {
    const { keys, ...attributes } = entryOf(client, text)
    if (keys.length < 2) throw failure(`${client} has only one key`)
    return textOf({ keys: keys.slice(-1), ...attributes })
  }
