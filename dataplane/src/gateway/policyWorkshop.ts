import type { Provider, ProviderChoice, RefusedResource, ResourceSpec } from '@gatehouse/contract'
import { atOnce, type Steps } from '../slices.ts'
import type { Purpose } from '../policy/purpose.ts'
import { headerRules } from '../forward/headerRules.ts'
import type { GatewayState } from '../state/gatewayState.ts'
import { compileAuthenticator, type CompiledAuthenticator } from './compileAuthenticator.ts'
import { compilePolicy, type CompiledPolicy } from './compilePolicy.ts'
import type { ChangedNames, Parsed, ParsedResources } from './parse.ts'
import { authenticatorName, chosenProviders, policiesIn, type PlacedProvider } from './providerChoice.ts'
import { createPolicySet, leasesOf, type PolicySet, type Remembered, type Shelf } from './policySet.ts'

export interface WorkshopInput {
  readonly parsed: ParsedResources
  readonly state: GatewayState
  readonly installation: ResourceSpec<'installation'>
}

/** What there was before. */
export interface WorkshopMemo {
  /** It must not have been released. */
  readonly set: PolicySet
  /** Whether a policy, or what its providers name, may have become another since; null = none has. */
  readonly isAffected: ((policy: string) => boolean) | null
}

/** What rules refer to, by the names under which it is kept. */
export interface PolicyUse {
  /** By {@link policyName}. */
  readonly policies: readonly string[]
  /** Names of choices of providers. */
  readonly authenticators: readonly string[]
}

/** No name of an object begins like this. */
const shadowMark = '~'

export const policyName = (policy: string, purpose: Purpose): string =>
  purpose === 'Shadow' ? `${shadowMark}${policy}` : policy

export const policyOf = (name: string): string => (name.startsWith(shadowMark) ? name.slice(shadowMark.length) : name)

/** Compiles the policies that routes ask for, each once. */
export interface PolicyWorkshop {
  /** null when there is none that could be read and built. */
  policy(name: string, purpose: Purpose): CompiledPolicy | null
  authenticator(choice: ProviderChoice, purpose: Purpose): CompiledAuthenticator | null
  /** Makes policies beforehand, in steps; they may take long. */
  prepare(use: PolicyUse): Steps<void>
  /**
   * What came of it all, with a share for whoever finishes: what was asked for, and of what there was before all that is
   * not affected.
   *
   * @param uses - what all routes use: nothing else is kept; null = no route uses less than before
   */
  finish(uses: readonly PolicyUse[] | null): PolicySet
  /** Gives everything back instead. */
  abandon(): void
}

/** @param before - what is made from the same is taken over, and its state with it */
export function policyWorkshop(input: WorkshopInput, before: WorkshopMemo | null): PolicyWorkshop {
  const { parsed, state, installation } = input
  const { outbound } = installation
  const identityHeaders = new Set(installation.identityHeaders)
  const rules = headerRules(installation.identityHeaders)
  const headersKey = JSON.stringify(installation.identityHeaders)
  const isAffected = before?.isAffected ?? null
  const inChoice = isAffected && ((name: string) => policiesIn(name).some(isAffected))
  const policies = bench(before?.set.policies ?? empty, isAffected && ((name) => isAffected(policyOf(name))))
  const authenticators = bench(before?.set.authenticators ?? empty, inChoice)
  function* made(name: string): Steps<CompiledPolicy | null> {
    const policy = policyOf(name)
    const resource = parsed.policy.get(policy)
    if (resource === undefined) return null
    const purpose = policy === name ? 'Enforce' : 'Shadow'
    const make = () =>
      compilePolicy(resource, { ...state, parsed, identityHeaders, headerRules: rules, outbound, purpose })
    const key = () => resource.hash + headersKey + namedHashes(resource, input)
    return yield* policies.take(name, { key, policy, make })
  }
  return {
    policy: (name, purpose) => atOnce(made(policyName(name, purpose))),
    *prepare(use) {
      for (const name of use.policies) yield* made(name)
    },
    authenticator: (choice, purpose) => {
      const providers = chosenProviders(choice, parsed.policy)
      if (providers === null) return null
      const { policy, level } = choice
      const sources = { parsed, state, outbound: installation.outbound, purpose }
      const make = function* (): Steps<CompiledAuthenticator> {
        yield
        return compileAuthenticator({ policy, level }, providers, sources)
      }
      const name = authenticatorName(choice, purpose)
      const key = () => authenticatorKey(name, providers, input)
      return atOnce(authenticators.take(name, { key, policy, make }))
    },
    finish: (uses) => {
      const own = policies.finish(uses && new Set(uses.flatMap((use) => use.policies)))
      const others = authenticators.finish(uses && new Set(uses.flatMap((use) => use.authenticators)))
      if (before && own === before.set.policies && others === before.set.authenticators) {
        before.set.retain()
        return before.set
      }
      policies.retainKept(own)
      authenticators.retainKept(others)
      return createPolicySet(own, others)
    },
    abandon: () => [policies, authenticators].forEach((one) => one.abandon()),
  }
}

/** Whether a policy names something that became another. */
export const namesChanged = (
  { spec }: Parsed<'policy'>,
  { trust, keySet, credentials, clientCredential, revocations, denyList }: ChangedNames,
  keySets: ParsedResources['keySet'],
): boolean =>
  (spec.revocations !== null && revocations.has(spec.revocations.list)) ||
  (spec.denyList !== null && denyList.has(spec.denyList.list)) ||
  (spec.anomaly?.events?.trust != null && trust.has(spec.anomaly.events.trust)) ||
  spec.providers.some(({ method }) => {
    switch (method.type) {
      case 'Jwt': {
        const keys = keySets.get(method.keySet)?.spec
        return keySet.has(method.keySet) || (keys?.type === 'Remote' && keys.trust !== null && trust.has(keys.trust))
      }
      case 'ApiKey':
        return credentials.has(method.credentials)
      case 'Introspection':
        return clientCredential.has(method.client) || (method.trust !== null && trust.has(method.trust))
      case 'Mtls':
        return method.trust !== null && trust.has(method.trust)
      case 'Anonymous':
        return false
    }
  })

/** Of everything that the providers in force are made from. @param choice - its name */
function authenticatorKey(
  choice: string,
  providers: readonly PlacedProvider[],
  { parsed, installation }: WorkshopInput,
): string {
  const hashes = policiesIn(choice).map((policy) => parsed.policy.get(policy)!.hash)
  const parts = providers.map(({ provider }) => partsOf(provider.method, parsed))
  return JSON.stringify([choice, hashes, installation.outbound, parts])
}

/** Of a resource that is missing or cannot be read, which of the two: they are reported in different ways. */
const hashIn = (
  parsed: ParsedResources,
  kind: 'trust' | 'keySet' | 'credentials' | 'clientCredential' | 'revocations' | 'denyList',
  name: string,
): string => parsed[kind].get(name)?.hash ?? (parsed.unreadable[kind].has(name) ? 'unreadable' : 'missing')

/** Of what a policy without its providers is made from beside its own text. */
function namedHashes({ spec }: Parsed<'policy'>, { parsed, installation }: WorkshopInput): string {
  const { revocations, denyList, anomaly } = spec
  const trust = anomaly?.events?.trust ?? null
  return JSON.stringify([
    revocations && hashIn(parsed, 'revocations', revocations.list),
    denyList && hashIn(parsed, 'denyList', denyList.list),
    trust && hashIn(parsed, 'trust', trust),
    anomaly?.events ? installation.outbound : null,
  ])
}

function partsOf(method: Provider['method'], parsed: ParsedResources): (string | null)[] {
  const trustHash = (name: string | null) => (name === null ? null : hashIn(parsed, 'trust', name))
  switch (method.type) {
    case 'Jwt': {
      const keys = parsed.keySet.get(method.keySet)?.spec
      return [hashIn(parsed, 'keySet', method.keySet), keys?.type === 'Remote' ? trustHash(keys.trust) : null]
    }
    case 'ApiKey':
      return [hashIn(parsed, 'credentials', method.credentials)]
    case 'Introspection':
      return [hashIn(parsed, 'clientCredential', method.client), trustHash(method.trust)]
    case 'Mtls':
      return [trustHash(method.trust)]
    case 'Anonymous':
      return []
  }
}

interface Order<T> {
  readonly key: () => string
  /** `namespace/name`, for the report when it cannot be built. */
  readonly policy: string
  readonly make: () => Steps<T>
}

type Held = Parameters<typeof leasesOf>[0] extends Shelf<infer T> ? T : never

const empty = { made: new Map<string, never>(), failed: new Map<string, RefusedResource>() }

/** Where things are made at most once in a build, and not at all when the build before made the same. */
function bench<T extends Held>(before: Shelf<T>, isAffected: ((name: string) => boolean) | null) {
  const made = new Map<string, Remembered<T>>()
  const failed = new Map<string, RefusedResource>()
  const takeOver = (name: string, key: string): Remembered<T> | null => {
    const old = before.made.get(name)
    if (old?.key !== key) return null
    for (const lease of old.value.leases) lease.retain()
    return old
  }
  return {
    *take(name: string, { key, policy, make }: Order<T>): Steps<T | null> {
      const standing = isAffected?.(name) ? empty : before
      const known = made.get(name) ?? standing.made.get(name)
      if (known) return known.value
      if (failed.has(name) || standing.failed.has(name)) return null
      try {
        const madeFrom = key()
        const thing = takeOver(name, madeFrom) ?? { key: madeFrom, value: yield* make() }
        made.set(name, thing)
        return thing.value
      } catch {
        failed.set(name, { resource: `policy/${policy}`, field: '', reason: 'BuildFailed' })
        return null
      }
    },
    /** All that is to be kept; the same shelf as before when that is the same. */
    finish(used: ReadonlySet<string> | null): Shelf<T> {
      if (made.size === 0 && failed.size === 0 && isAffected === null && used === null) return before
      const keeps = ([name]: readonly [string, unknown]): boolean => !isAffected?.(name) && used?.has(name) !== false
      return {
        made: new Map([...[...before.made].filter(keeps), ...made]),
        failed: new Map([...[...before.failed].filter(keeps), ...failed]),
      }
    },
    /** Takes a share in each lease of what was there before. */
    retainKept(shelf: Shelf<T>): void {
      for (const [name, { value }] of shelf.made) if (!made.has(name)) value.leases.forEach((lease) => lease.retain())
    },
    abandon: () => leasesOf({ made, failed }).forEach((lease) => lease.release()),
  }
}
