import { readJson, type JsonFault } from '@gatehouse/language/json'
import { z } from 'zod'

/** Most entries of a list in a ConfigMap. */
const maxEntries = 10_000
const limits = { maxDepth: 2, maxValues: maxEntries * 8 }

/** A value that entries compare. */
export const comparedValue = z.string().min(1).max(1024)

const notTime = 'Time'
/** A moment that an entry names (RFC 3339). */
export const moment = z.iso.datetime({ offset: true, error: notTime })

/** How an entry says whose callers it speaks of. */
export const whose = { provider: comparedValue.optional(), issuer: comparedValue.optional() }

interface Whose {
  readonly provider?: string | undefined
  readonly issuer?: string | undefined
}

/** All that can be wrong with a list; no word of it is from the list (M19). */
const faultWords = {
  Json: 'not JSON (RFC 7493)',
  Twice: 'a name is there twice in an entry',
  Deep: 'more than a list of plain entries',
  List: 'not a list of entries',
  Many: 'more than 10,000 entries',
  Object: 'not an object',
  Field: 'has a field that is not known',
  Text: 'needs a text of 1 to 1,024 characters',
  Time: 'needs a date and a time with its zone (RFC 3339)',
  Address: 'neither an address nor a range',
  Mixed: 'has an address and a caller; they are two entries',
  Whose: 'needs one of provider and issuer',
  Caller: 'needs ip, or one of subject and clientId',
  Credential: 'needs issuedBefore, or one of jti, subject, clientId and keyId, or both',
} as const

/** Why an entry is none. */
export interface EntryFault {
  readonly fault: keyof typeof faultWords
  /** Of its fields, that which is wrong; absent = the entry. */
  readonly field?: string
}

/** What a text comes to that should be a list. */
export type ListReading<E> =
  | { readonly ok: true; readonly list: readonly E[] }
  /** A JSON pointer into the list, and what is wrong there. */
  | { readonly ok: false; readonly where: string }

const notList = (pointer: string, fault: EntryFault['fault']): ListReading<never> => ({
  ok: false,
  where: pointer === '' ? faultWords[fault] : `${pointer}: ${faultWords[fault]}`,
})

const jsonFaults: { readonly [F in JsonFault]?: EntryFault['fault'] } = {
  'duplicate-name': 'Twice',
  'too-deep': 'Deep',
  'too-many-values': 'Many',
}

type Issue = z.core.$ZodIssue

/** Where the schema of entries has a place for it: index and field. */
const pointerOf = ({ path }: Issue): string => path.map((part) => `/${String(part)}`).join('')

/** What an issue says, at the depth of the list, of an entry, or of a field of it. */
function faultOf({ path, code, message }: Issue): EntryFault['fault'] {
  if (path.length === 0) return code === 'too_big' ? 'Many' : 'List'
  if (path.length === 1) return code === 'unrecognized_keys' ? 'Field' : 'Object'
  return message === notTime ? notTime : 'Text'
}

/** @returns null when an entry does not say whose, or says it twice */
export function whoseOf({ provider, issuer }: Whose): { of: 'Provider' | 'Issuer'; name: string } | null {
  if (provider !== undefined) return issuer === undefined ? { of: 'Provider', name: provider } : null
  return issuer === undefined ? null : { of: 'Issuer', name: issuer }
}

/**
 * Reads a JSON list of entries. One that is not sound spoils the whole: nobody knows whom it was to keep out.
 *
 * @param entry - as people write it
 * @param read - what one is, or why it is not sound after all
 */
export function entryListOf<S extends z.ZodType, E extends object>(
  text: string,
  entry: S,
  read: (written: z.infer<S>) => E | EntryFault,
): ListReading<E> {
  const json = readJson(text, limits)
  if (!json.ok) return notList('', jsonFaults[json.fault] ?? 'Json')
  const parsed = z.array(entry).max(maxEntries).safeParse(JSON.parse(text))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return issue === undefined ? notList('', 'List') : notList(pointerOf(issue), faultOf(issue))
  }
  const list: E[] = []
  for (const [index, written] of parsed.data.entries()) {
    const one = read(written)
    if ('fault' in one) return notList(`/${index}${one.field === undefined ? '' : `/${one.field}`}`, one.fault)
    list.push(one)
  }
  return { ok: true, list }
}
