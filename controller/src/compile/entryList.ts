import { readJson } from '@gatehouse/language/json'
import { z } from 'zod'

/** Most entries of a list in a ConfigMap. */
const maxEntries = 10_000
const limits = { maxDepth: 2, maxValues: maxEntries * 8 }

/** A value that entries compare. */
export const comparedValue = z.string().min(1).max(1024)

/** How an entry says whose callers it speaks of. */
export const whose = { provider: comparedValue.optional(), issuer: comparedValue.optional() }

interface Whose {
  readonly provider?: string | undefined
  readonly issuer?: string | undefined
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
 * @param read - null = it is not sound after all
 * @returns null when it is none, or has more than 10,000 entries
 */
export function entryListOf<S extends z.ZodType, E>(
  text: string,
  entry: S,
  read: (written: z.infer<S>) => E | null,
): readonly E[] | null {
  if (!readJson(text, limits).ok) return null
  const parsed = z.array(entry).max(maxEntries).safeParse(JSON.parse(text))
  if (!parsed.success) return null
  const list: E[] = []
  for (const written of parsed.data) {
    const one = read(written)
    if (one === null) return null
    list.push(one)
  }
  return list
}
