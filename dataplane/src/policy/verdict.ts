import type { Principal } from './principal.ts'

/**
 * What a provider says of a credential that it claims. `invalid` is the credential's fault; `unavailable` is not: the
 * keys cannot be had at present, or the server that knows gives no answer that could be relied on.
 */
export type Verdict =
  | { readonly type: 'valid'; readonly principal: Principal }
  /** `forged`: nobody ever issued it. What has expired, was revoked or is for others was issued. */
  | { readonly type: 'invalid'; readonly forged: boolean }
  /** Seconds. */
  | { readonly type: 'unavailable'; readonly retryAfter: number }

export const invalid = { type: 'invalid', forged: false } as const satisfies Verdict
export const forged = { type: 'invalid', forged: true } as const satisfies Verdict
