import type { Revocation } from '@gatehouse/contract'
import { z } from 'zod'
import { comparedValue, entryListOf, moment, whose, whoseOf, type EntryFault, type ListReading } from './entryList.ts'

/** An entry as people write it. */
const entry = z.strictObject({
  ...whose,
  jti: comparedValue.optional(),
  subject: comparedValue.optional(),
  clientId: comparedValue.optional(),
  keyId: comparedValue.optional(),
  issuedBefore: moment.optional(),
})

type Entry = z.infer<typeof entry>
export type RevocationList = readonly Revocation[]

const compared = [
  ['jti', 'TokenId'],
  ['subject', 'Subject'],
  ['clientId', 'ClientId'],
  ['keyId', 'KeyId'],
] as const

/** A fault when it does not say whose, or what, or says more than one of either. */
function revocationOf(written: Entry): Revocation | EntryFault {
  const { issuedBefore } = written
  const owner = whoseOf(written)
  if (owner === null) return { fault: 'Whose' }
  const said = compared.filter(([key]) => written[key] !== undefined)
  if (said.length > 1 || (said.length === 0 && issuedBefore === undefined)) return { fault: 'Credential' }
  const [key, what] = said[0] ?? [null, 'All']
  return {
    ...owner,
    what,
    value: key === null ? '' : (written[key] ?? ''),
    issuedBefore: issuedBefore === undefined ? null : Date.parse(issuedBefore),
  }
}

/** Reads a list of revocations. */
export const revocationListOf = (text: string): ListReading<Revocation> => entryListOf(text, entry, revocationOf)
