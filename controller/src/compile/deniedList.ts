import { isRange } from '@gatehouse/crds'
import type { DeniedCaller } from '@gatehouse/contract'
import { z } from 'zod'
import { comparedValue, entryListOf, whose, whoseOf, type EntryFault, type ListReading } from './entryList.ts'

/** An entry as people write it. */
const entry = z.strictObject({
  ip: comparedValue.optional(),
  ...whose,
  subject: comparedValue.optional(),
  clientId: comparedValue.optional(),
})

type Entry = z.infer<typeof entry>

/** An entry that could be read. */
export type DeniedEntry = { readonly range: string } | { readonly caller: DeniedCaller }
export type DeniedList = readonly DeniedEntry[]

/** An address or a range as a range; null when it is neither. */
function rangeOf(ip: string): string | null {
  const range = ip.includes('/') ? ip : `${ip}/${ip.includes(':') ? 128 : 32}`
  return isRange(range) ? range : null
}

/** A fault when it speaks of nobody, of more than one, or of an address that is none. */
function deniedOf(written: Entry): DeniedEntry | EntryFault {
  const { ip, provider, issuer, subject, clientId } = written
  if (ip !== undefined) {
    if ((provider ?? issuer ?? subject ?? clientId) !== undefined) return { fault: 'Mixed' }
    const range = rangeOf(ip)
    return range === null ? { fault: 'Address', field: 'ip' } : { range }
  }
  if ((subject === undefined) === (clientId === undefined)) return { fault: 'Caller' }
  const owner = whoseOf(written)
  if (owner === null) return { fault: 'Whose' }
  const caller =
    subject === undefined
      ? ({ ...owner, what: 'ClientId', value: clientId ?? '' } as const)
      : ({ ...owner, what: 'Subject', value: subject } as const)
  return { caller }
}

/** Reads a list of who may not call. */
export const deniedListOf = (text: string): ListReading<DeniedEntry> => entryListOf(text, entry, deniedOf)
