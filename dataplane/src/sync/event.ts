import type { NackReason, RefusedResource } from '@gatehouse/contract'

/** A revision that serves now. */
interface Served {
  readonly revision: string
  /** When the leader published it, milliseconds since the epoch. */
  readonly issuedAt: number
  readonly refused: readonly RefusedResource[]
}

/**
 * What happens on the push channel and to the last good snapshot, for logs and metrics. Codes are upper-case words, never
 * exception text.
 */
export type SyncEvent =
  | { readonly type: 'connected'; readonly address: string }
  | { readonly type: 'disconnected'; readonly address: string; readonly code: string }
  /** What this end shows and trusts cannot be read, so nobody is dialled. */
  | { readonly type: 'no-credentials'; readonly code: string }
  /** The controller at this address does not lead, or no longer. */
  | { readonly type: 'not-leader'; readonly address: string }
  | ({ readonly type: 'applied' } & Served)
  /** The leader stated anew what serves already. */
  | ({ readonly type: 'confirmed' } & Served)
  | { readonly type: 'nacked'; readonly revision: string | null; readonly reason: NackReason }
  /** Serves from the last good snapshot; what is not whole lacks its secrets. */
  | ({ readonly type: 'restored'; readonly whole: boolean } & Served)
  /** A last good snapshot, or a part of it, was not taken. */
  | { readonly type: 'not-restored'; readonly code: string }
  /** The last good snapshot could not be written. */
  | { readonly type: 'not-kept'; readonly code: string }
  /** Nothing serves any more: the leader has been silent for longer than `lastGood.maxAge`. */
  | { readonly type: 'expired'; readonly revision: string }
