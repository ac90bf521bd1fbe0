import {
  resourceKey,
  resourceSpecs,
  type Provider,
  type Quota,
  type QuotaKey,
  type QuotaStore,
  type ResourceSpec,
  type SealedResource,
} from '@gatehouse/contract'
import { canonicalAddress, clientNetwork } from '../address.ts'
import type { Clock } from '../clock.ts'
import { compileQuota } from '../gateway/compileQuota.ts'
import { describedKey } from '../policy/quotaKeys.ts'
import type { Rate } from '../policy/quotas.ts'
import { createFleet } from '../state/fleet.ts'
import { createMeters } from '../state/meters.ts'
import type { SharedMeter } from '../state/store/phase.ts'
import type { SharedStore } from '../state/store/sharedStore.ts'
import type { StoreServer } from '../state/store/site.ts'
import { createStores } from '../state/store/stores.ts'

/** A quota of a policy, as somebody asks for it. */
export interface StoredQuota {
  readonly name: string
  readonly scope: Quota['scope']
  /** By what it counts, in order. */
  readonly keys: readonly QuotaKey['type'][]
  /** The plans that have rates of their own. */
  readonly plans: readonly string[]
}

/** Whose counts are meant. */
export interface StoredKey {
  /** By type of the part; requests that lack a part lack it here. */
  readonly parts: ReadonlyMap<QuotaKey['type'], string>
  /** null = that of callers without a plan that the quota knows. */
  readonly plan: string | null
}

/** One rate of a quota, as the store has it. */
export interface StoredRate {
  readonly quota: string
  readonly limit: number
  /** Milliseconds; null = it has no length of its own. */
  readonly window: number | null
  readonly remaining: number
  /** Milliseconds until there is more. */
  readonly reset: number
}

/** The counts of one policy in the store of its installation. */
export interface StoredQuotas {
  readonly quotas: readonly StoredQuota[]
  /** How callers are known to the installation, by `namespace/policy/provider`. */
  readonly providers: ReadonlyMap<string, Provider['method']['type']>
  /** Where the store is looked for, each `host:port`. */
  readonly servers: readonly string[]
  /** The routes of the installation, `namespace/name`. */
  readonly routes: ReadonlySet<string>
  /**
   * Asks the store and changes nothing.
   *
   * @param name - of a quota that is Shared
   * @returns the word for why the store did not say
   */
  read(name: string, key: StoredKey): Promise<readonly StoredRate[] | string>
  /** Lets the counts begin anew. @returns how many there were, or the word for why that is not known */
  reset(name: string, key: StoredKey): Promise<number | string>
  close(): void
}

export interface StoredQuotasOptions {
  /** `namespace/name`. */
  readonly policy: string
  /** Where the store is reached from here, in place of where data planes reach it; null = there. */
  readonly server: StoreServer | null
  readonly clock: Clock
}

/** A person waits longer than a request. Milliseconds. */
const deadline = 3000

/** Nobody is counted as a caller of a provider that lets everybody in. */
function providersIn(resources: readonly SealedResource[]): StoredQuotas['providers'] {
  const policies = resources.filter(({ kind }) => kind === 'policy')
  return new Map(
    policies.flatMap(({ name, spec }) => {
      const { providers }: ResourceSpec<'policy'> = resourceSpecs.policy.parse(spec)
      return providers
        .filter(({ method }) => method.type !== 'Anonymous')
        .map((one) => [`${name}/${one.name}`, one.method.type] as const)
    }),
  )
}

/** @param schema - of the kind that the key names */
const specOf = <T>(
  resources: readonly SealedResource[],
  key: string,
  schema: { parse(spec: unknown): T },
): T | null => {
  const found = resources.find((resource) => resourceKey(resource) === key)
  return found === undefined ? null : schema.parse(found.spec)
}

/** @returns why there is nothing to ask */
export function openStoredQuotas(
  resources: readonly SealedResource[],
  { policy, server, clock }: StoredQuotasOptions,
): StoredQuotas | 'no-policy' | 'no-store' {
  const spec = specOf(resources, `policy/${policy}`, resourceSpecs.policy)
  const settings = specOf(resources, 'quotaStore/quota-store', resourceSpecs.quotaStore)
  if (spec === null) return 'no-policy'
  if (settings === null) return 'no-store'
  const stores = createStores({ clock, random: () => 0, deadline }, () => {})
  const outbound = { podCIDRs: [], allowLoopback: true, deniedAddresses: [] }
  const reached = server === null ? settings : reachedAt(settings, server)
  const store = stores.acquire('asked', { store: reached, outbound }).value
  const counting = { meters: createMeters(clock), fleet: createFleet() }
  const owner = { namespace: spec.object.namespace, policy, owner: policy, tried: false }
  const metersOf = (name: string, key: StoredKey): readonly (Rated & SharedMeter)[] => {
    const quota = spec.quotas.find((one) => one.name === name)
    if (quota === undefined) return []
    const { check } = compileQuota(quota, owner, counting)
    const rates = (key.plan === null ? undefined : check.plans?.get(key.plan)) ?? check.rates
    const value = describedKey(check.keys, networked(key.parts))
    return rates.map((rate) => ({ rate, ...asked(rate, store, value) }))
  }
  return {
    quotas: spec.quotas.map(({ name, scope, keys, plans }) => ({
      name,
      scope,
      keys: keys.map(({ type }) => type),
      plans: plans.map((plan) => plan.name),
    })),
    providers: providersIn(resources),
    servers: serversOf(reached.topology).map(({ host, port }) => `${host}:${port}`),
    routes: new Set(resources.filter(({ kind }) => kind === 'route').map(({ name }) => name)),
    read: async (name, key) => {
      const meters = metersOf(name, key)
      const phase = await store.count('ask', meters, '')
      if (typeof phase === 'string') return phase
      return meters.flatMap(({ rate: { told } }, index) => {
        const count = phase.counts[index]
        if (!count) return []
        const { remaining, reset } = count
        return { quota: name, limit: told.limit, window: told.window, remaining, reset: Math.ceil(reset / 1000) }
      })
    },
    reset: (name, key) => store.forget(metersOf(name, key).map((meter) => meter.key)),
    close: () => stores.close(),
  }
}

interface Rated {
  readonly rate: Rate
}

const asked = ({ meter, counter }: Rate, { keys }: SharedStore, value: string): SharedMeter => ({
  key: keys.count(counter, value),
  meter,
  cost: 0,
  most: 0,
})

/** Addresses are counted by network. */
const networked = (parts: StoredKey['parts']): StoredKey['parts'] => {
  const address = parts.get('IP')
  return address === undefined
    ? parts
    : new Map([...parts, ['IP', clientNetwork(canonicalAddress(address) ?? address)]])
}

/** Those that are named; Sentinels and nodes of a Cluster name more. */
function serversOf(topology: QuotaStore['topology']): readonly StoreServer[] {
  if (topology.type === 'Single') return [topology.server]
  return topology.type === 'Cluster' ? topology.nodes : topology.sentinels
}

/** The same store by another address, whose certificate must name what it names for data planes. */
function reachedAt(settings: QuotaStore, server: StoreServer): QuotaStore {
  const { topology, tls } = settings
  const [first] = topology.type === 'Sentinel' ? [] : serversOf(topology)
  const hostname = tls?.hostname ?? first?.host ?? null
  return { ...settings, topology: { type: 'Single', server }, tls: tls && { ...tls, hostname } }
}
