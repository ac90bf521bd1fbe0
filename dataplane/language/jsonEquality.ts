import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from './json.ts'

export const isNumeric = (value: JsonValue): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint'

/**
 * Whether two JSON values are equal as JSON Schema means it (2020-12 core 4.2.2): numbers by value, objects whatever the
 * order of their members.
 *
 * @param spend - called once for each pair that is compared
 */
export function sameValue(a: JsonValue, b: JsonValue, spend: () => void): boolean {
  spend()
  if (isNumeric(a)) return isNumeric(b) && sameNumber(a, b)
  if (isJsonArray(a)) return isJsonArray(b) && sameItems(a, b, spend)
  if (isJsonObject(a)) return isJsonObject(b) && sameMembers(a, b, spend)
  return a === b
}

const sameItems = (a: readonly JsonValue[], b: readonly JsonValue[], spend: () => void): boolean =>
  a.length === b.length && a.every((item, index) => sameValue(item, b[index]!, spend))

function sameMembers(a: JsonObject, b: JsonObject, spend: () => void): boolean {
  if (a.size !== b.size) return false
  for (const [name, member] of a) {
    const other = b.get(name)
    if (other === undefined || !sameValue(member, other, spend)) return false
  }
  return true
}

/** By exact value, also of a bigint and a double. */
const sameNumber = (a: number | bigint, b: number | bigint): boolean => {
  if (a < b) return false
  return a <= b
}
