import type { PlannedBackend } from '../gateway/actionPlan.ts'

/**
 * Draws a backend by weight.
 *
 * @param random - from 0 up to, but not including, 1
 * @returns null when all weights are 0
 */
export function chooseBackend(backends: readonly PlannedBackend[], random: () => number): PlannedBackend | null {
  const [first] = backends
  if (backends.length === 1 && first !== undefined) return first.weight > 0 ? first : null
  let total = 0
  for (const { weight } of backends) total += weight
  let at = random() * total
  for (const backend of backends) {
    at -= backend.weight
    if (at < 0) return backend
  }
  return null
}
