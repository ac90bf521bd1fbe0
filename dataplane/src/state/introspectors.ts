import type { ResourceSpec } from '@gatehouse/contract'
import type { Clock } from '../clock.ts'
import { addressRules } from './addressRules.ts'
import { Breakers } from './breakers.ts'
import { systemResolve } from './checkedDialer.ts'
import { IntrospectedTokens } from './introspectedTokens.ts'
import { introspectionClient } from './introspectionClient.ts'
import {
  createIntrospector,
  introspectionOutcomes,
  type IntrospectionOutcome,
  type Introspector,
} from './introspector.ts'
import { createLeases, type Lease } from './lease.ts'

/** An introspection endpoint as a snapshot describes it, with all that decides how it is asked. */
export interface IntrospectorSettings {
  readonly url: string
  readonly addresses: 'Public' | 'Private'
  /** PEM certificates in place of the system's authorities; null = the system's. */
  readonly anchors: readonly string[] | null
  readonly outbound: ResourceSpec<'installation'>['outbound']
  readonly client: ResourceSpec<'clientCredential'>
  /** Milliseconds, like `negativeTTL` and `timeout`. */
  readonly cacheTTL: number
  readonly negativeTTL: number
  readonly timeout: number
  readonly maxInFlight: number
}

/** The introspection endpoints of all snapshots. */
export interface Introspectors {
  /**
   * @param identity - of the provider and all its settings: the same identity is the same connections, circuit and memory
   * in every snapshot, and no other's (M16)
   * @throws Error when the URL is none that may be called
   */
  acquire(identity: string, settings: IntrospectorSettings): Lease<Introspector>
  /** The one of this identity that somebody holds; null = nobody does. */
  find(identity: string): Introspector | null
  /** How often asking ended in which way. */
  outcomes(): Iterable<readonly [IntrospectionOutcome, number]>
  close(): void
}

const limits = { activeEntries: 10_000, inactiveEntries: 10_000, bytes: 4 * 1024 * 1024 }
const totalBytes = 16 * 1024 * 1024

interface Open extends Introspector {
  close(): void
}

export function createIntrospectors(clock: Clock): Introspectors {
  const breakers = new Breakers(clock)
  const budget = { used: 0, limit: totalBytes }
  const counts = new Map<IntrospectionOutcome, number>(introspectionOutcomes.map((outcome) => [outcome, 0]))
  const observe = (outcome: IntrospectionOutcome): void => void counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  const leases = createLeases<Open>((introspector) => introspector.close())
  const open = (identity: string, settings: IntrospectorSettings): Open => {
    const { outbound, cacheTTL, negativeTTL, maxInFlight, ...target } = settings
    const client = introspectionClient({
      ...target,
      rules: addressRules(outbound),
      resolve: systemResolve,
      connections: maxInFlight,
    })
    const tokens = new IntrospectedTokens(clock, { ...limits, activeTTL: cacheTTL, inactiveTTL: negativeTTL }, budget)
    const introspector = createIntrospector({ identity, client, tokens, breakers, clock, maxInFlight, observe })
    return {
      ...introspector,
      close: () => {
        client.close()
        tokens.close()
      },
    }
  }
  return {
    acquire: (identity, settings) => leases.acquire(identity, () => open(identity, settings)),
    find: (identity) => leases.find(identity),
    outcomes: () => counts,
    close: () => {
      for (const introspector of leases.values()) introspector.close()
      breakers.close()
    },
  }
}
