import type { KeySource } from './keySource.ts'
import type { VerificationKey } from './verificationKeys.ts'

/** A set of keys by what tokens say of them. */
export type KeyIndex = Pick<KeySource, 'find' | 'has'>

const nothing: readonly VerificationKey[] = []

export function keyIndex(keys: readonly VerificationKey[]): KeyIndex {
  const ids = new Set(keys.map(({ id }) => id))
  const byName = new Map<string, VerificationKey[]>()
  const byAlgorithm = new Map<string, VerificationKey[]>()
  for (const key of keys) {
    if (key.kid !== null) append(byName, key.kid, key)
    for (const algorithm of key.algorithms) append(byAlgorithm, algorithm, key)
  }
  return {
    find: (kid, algorithm) =>
      kid === null
        ? (byAlgorithm.get(algorithm) ?? nothing)
        : (byName.get(kid)?.filter(({ algorithms }) => algorithms.includes(algorithm)) ?? nothing),
    has: (id) => ids.has(id),
  }
}

function append(map: Map<string, VerificationKey[]>, name: string, key: VerificationKey): void {
  const known = map.get(name)
  if (known === undefined) map.set(name, [key])
  else known.push(key)
}
