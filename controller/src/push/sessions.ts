import type { NackReason, OpenCircuit, RefusedResource, StoreFault } from '@gatehouse/contract'

/** What the controller knows of one connected data plane. */
export interface SessionState {
  /** From its hello; unique among live sessions (a second one with the same name replaces the first). */
  readonly instance: string
  readonly version: string
  /** The revision it last acknowledged; null = none. */
  readonly revision: string | null
  /** What it refused of that revision. */
  readonly refused: readonly RefusedResource[]
  /** Circuits that it says are open. */
  readonly openCircuits: readonly OpenCircuit[]
  /** Why it cannot count in the store of quotas, as it says; null = it can, or has none. */
  readonly storeFault: StoreFault | null
  /** The last nack since the last ack; null = none. */
  readonly nack: { readonly revision: string | null; readonly reason: NackReason } | null
}
