import type { Revocation } from '@gatehouse/contract'
import { readJson } from '@gatehouse/language/json'
import { z } from 'zod'

const value = z.string().min(1).max(1024)

/** An entry as people write it. */
const entry = z.strictObject({
  provider: value.optional(),
  issuer: value.optional(),
  jti: value.optional(),
  subject: value.optional(),
  clientId: value.optional(),
  keyId: value.optional(),
  issuedBefore: z.iso.datetime({ offset: true }).optional(),
})

type Entry = z.infer<typeof entry>
export type RevocationList = readonly Revocation[]

const maxEntries = 10_000
const limits = { maxDepth: 2, maxValues: maxEntries * 8 }

const compared = [
  ['jti', 'TokenId'],
  ['subject', 'Subject'],
  ['clientId', 'ClientId'],
  ['keyId', 'KeyId'],
] as const

/** null when it does not say whose, or what, or says more than one of either. */
function revocationOf(written: Entry): Revocation | null {
  const { provider, issuer, issuedBefore } = written
  const name = provider ?? issuer
  if (name === undefined || (provider !== undefined && issuer !== undefined)) return null
  const said = compared.filter(([key]) => written[key] !== undefined)
  if (said.length > 1 || (said.length === 0 && issuedBefore === undefined)) return null
  const [key, what] = said[0] ?? [null, 'All']
  return {
    of: provider === undefined ? 'Issuer' : 'Provider',
    name,
    what,
    value: key === null ? '' : (written[key] ?? ''),
    issuedBefore: issuedBefore === undefined ? null : Date.parse(issuedBefore),
  }
}

/**
 * Reads a list of revocations. One entry that is not sound spoils the whole: nobody knows whom it was to keep out.
 *
 * @returns null when it is none, or has more than 10,000 entries
 */
export function revocationListOf(text: string): RevocationList | null {
  if (!readJson(text, limits).ok) return null
  const parsed = z.array(entry).max(maxEntries).safeParse(JSON.parse(text))
  if (!parsed.success) return null
  const list: Revocation[] = []
  for (const written of parsed.data) {
    const revocation = revocationOf(written)
    if (revocation === null) return null
    list.push(revocation)
  }
  return list
}
