import { publicJwk, type Json } from '@gatehouse/contract'
import type { z } from 'zod'
import { isMembers, jsonOf, listOf, member } from './raw.ts'

type PublicJwk = z.infer<typeof publicJwk>
export type PublicKeys = readonly PublicJwk[]

const publicMembers = ['kty', 'use', 'key_ops', 'alg', 'kid', 'n', 'e', 'crv', 'x', 'y']
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

/** What a public key of each type must have (RFC 7518 6, RFC 8037 2). */
const required: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['RSA', ['n', 'e']],
  ['EC', ['crv', 'x', 'y']],
  ['OKP', ['crv', 'x']],
])

const maxKeys = 64

/** The key's public members; null for a secret key, and for one that lacks what its type needs. */
function publicKey(key: Json): PublicJwk | null {
  if (!isMembers(key) || member(key, 'kty') === 'oct') return null
  if (secretMembers.some((name) => Object.hasOwn(key, name))) return null
  const needed = required.get(key['kty']) ?? []
  if (needed.some((name) => typeof member(key, name) !== 'string')) return null
  const members = publicMembers.flatMap((name) => (Object.hasOwn(key, name) ? [[name, key[name]]] : []))
  const parsed = publicJwk.safeParse(Object.fromEntries(members))
  return parsed.success ? parsed.data : null
}

/**
 * Reads a JWKS document (RFC 7517). Keys of a type that is not known are passed over, as its section 5 asks; a secret
 * key spoils the whole, since whoever can read the document could sign.
 *
 * @returns null when it is no key set, holds a secret key, or has no key that could be used
 */
export function publicKeysOf(document: string): PublicKeys | null {
  const list = member(jsonOf(document), 'keys')
  const keys = listOf(list)
  if (keys.length === 0 || keys.length > maxKeys) return null
  const known: PublicJwk[] = []
  for (const key of keys) {
    const read = publicKey(key)
    if (!read) return null
    if (required.has(read['kty'])) known.push(read)
  }
  return known.length === 0 ? null : known
}
