import type { RefusedResource } from '@gatehouse/contract'
import type { Lease } from '../state/lease.ts'
import type { CompiledAuthenticator } from './compileAuthenticator.ts'
import type { CompiledPolicy } from './compilePolicy.ts'

/** Something that holds shares of state. */
interface Holder {
  readonly leases: readonly Lease<unknown>[]
}

/** A thing that was made, and the key of everything that it was made from. */
export interface Remembered<T> {
  readonly key: string
  readonly value: T
}

/** Things by name, and those that could not be made. */
export interface Shelf<T> {
  readonly made: ReadonlyMap<string, Remembered<T>>
  readonly failed: ReadonlyMap<string, RefusedResource>
}

/** Compiled policies and the shares of state that they hold together. Gateways that have the same ones share a set. */
export interface PolicySet {
  /** By purpose and name. */
  readonly policies: Shelf<CompiledPolicy>
  /** By purpose and the name of the choice of providers. */
  readonly authenticators: Shelf<CompiledAuthenticator>
  readonly refused: readonly RefusedResource[]
  /** Takes one more share in the set. */
  retain(): void
  /** Gives one share back; with the last the set gives back its own. */
  release(): void
}

export const leasesOf = (shelf: Shelf<Holder>): readonly Lease<unknown>[] =>
  [...shelf.made.values()].flatMap(({ value }) => value.leases)

/** A set with one share taken. @param policies - with a share in each of their leases, which the set takes over */
export function createPolicySet(
  policies: Shelf<CompiledPolicy>,
  authenticators: Shelf<CompiledAuthenticator>,
): PolicySet {
  let holders = 1
  return {
    policies,
    authenticators,
    refused: [
      ...policies.failed.values(),
      ...authenticators.failed.values(),
      ...[...policies.made.values()].flatMap(({ value }) => value.refused),
      ...[...authenticators.made.values()].flatMap(({ value }) => value.refused),
    ],
    retain: () => void holders++,
    release: () => {
      holders--
      if (holders > 0) return
      for (const lease of [...leasesOf(policies), ...leasesOf(authenticators)]) lease.release()
    },
  }
}
