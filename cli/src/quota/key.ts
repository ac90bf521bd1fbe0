import type { StoredQuotas } from '@gatehouse/dataplane'
import { usageError } from '../exit.ts'

type KeyType = StoredQuotas['quotas'][number]['keys'][number]

/**
 * Reads the parts of a key.
 *
 * @param texts - each `TYPE=VALUE`
 * @param types - by which the quota counts
 * @param strict - whether a part that the quota does not count by is a mistake
 */
export function keyOf(
  texts: readonly string[],
  types: readonly KeyType[],
  strict: boolean,
): ReadonlyMap<KeyType, string> {
  const parts = new Map<KeyType, string>()
  for (const text of texts) {
    const at = text.indexOf('=')
    const type = types.find((one) => one === text.slice(0, at))
    if (at < 1) throw usageError('--key needs TYPE=VALUE')
    if (type === undefined && strict)
      throw usageError(`the quota does not count by ${text.slice(0, at)}, but by ${types.join(', ')}`)
    if (type !== undefined) parts.set(type, text.slice(at + 1))
  }
  return parts
}
