import type { OpenCircuit, StoreFault } from '@gatehouse/contract'

/** What a data plane says with its answers of what it depends on. */
export interface Troubles {
  /** Circuits that are to be named as open. */
  readonly openCircuits: readonly OpenCircuit[]
  /** Why the store of quotas cannot be counted in; null = it can, or there is none. */
  readonly storeFault: StoreFault | null
}
