import type { QuotaState } from '../gateway/refusal.ts'

/** Most rates that an answer tells of. */
const mostTold = 8

/**
 * Adds RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-11), the first rates first. Times are whole
 * seconds, rounded up, so that a client that waits as told is not early.
 */
export function pushRateLimit(headers: string[], quotas: readonly QuotaState[]): void {
  if (quotas.length === 0) return
  let policies = quotas[0]!.rate.policy
  let limits = written(quotas[0]!)
  for (let index = 1; index < quotas.length && index < mostTold; index++) {
    policies += `, ${quotas[index]!.rate.policy}`
    limits += `, ${written(quotas[index]!)}`
  }
  headers.push('ratelimit-policy', policies, 'ratelimit', limits)
}

const written = ({ rate, remaining, reset }: QuotaState): string =>
  `${rate.item};r=${remaining};t=${Math.ceil(reset / 1000)}`
