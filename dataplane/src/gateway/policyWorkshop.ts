import type { Attachment, Provider, RefusedResource, ResourceSpec } from '@gatehouse/contract'
import type { GatewayState } from '../state/gatewayState.ts'
import type { Lease } from '../state/lease.ts'
import { compileAuthenticator, type CompiledAuthenticator } from './compileAuthenticator.ts'
import { compilePolicy, type CompiledPolicy } from './compilePolicy.ts'
import type { Parsed, ParsedResources } from './parse.ts'

interface Remembered<T> {
  /** Of everything that the thing was made from. */
  readonly key: string
  readonly value: T
}

/** What was compiled, by name, and by level and name. */
export interface PolicyMemo {
  readonly policies: ReadonlyMap<string, Remembered<CompiledPolicy>>
  readonly authenticators: ReadonlyMap<string, Remembered<CompiledAuthenticator>>
}

export interface WorkshopInput {
  readonly parsed: ParsedResources
  readonly state: GatewayState
  readonly installation: ResourceSpec<'installation'>
}

/** What came of it all. */
export interface Finished {
  /** One share each, for whoever finishes. */
  readonly leases: Lease<unknown>[]
  readonly refused: readonly RefusedResource[]
  readonly memo: PolicyMemo
}

/** Compiles the policies that routes ask for, each once. */
export interface PolicyWorkshop {
  /** null when there is none that could be read and built. */
  policy(name: string): CompiledPolicy | null
  authenticator(attachment: Attachment): CompiledAuthenticator | null
  finish(): Finished
}

/** @param previous - of the snapshot before: what is made from the same is taken over, and its state with it */
export function policyWorkshop(input: WorkshopInput, previous: PolicyMemo | null): PolicyWorkshop {
  const { parsed, state, installation } = input
  const identityHeaders = new Set(installation.identityHeaders)
  const headersKey = JSON.stringify(installation.identityHeaders)
  const refused: RefusedResource[] = []
  const policies = shelf(previous?.policies, refused)
  const authenticators = shelf(previous?.authenticators, refused)
  return {
    policy: (name) => {
      const resource = parsed.policy.get(name)
      if (resource === undefined) return null
      const make = () => compilePolicy(resource, state.buckets, identityHeaders)
      return policies.take(name, { key: () => resource.hash + headersKey, policy: name, make })
    },
    authenticator: ({ policy: name, level }) => {
      const resource = parsed.policy.get(name)
      if (resource === undefined) return null
      const sources = { parsed, state, outbound: installation.outbound }
      const make = () => compileAuthenticator(resource, level, sources)
      const key = () => authenticatorKey(resource, level, input)
      return authenticators.take(`${level} ${name}`, { key, policy: name, make })
    },
    finish: () => ({
      leases: [...policies.leases(), ...authenticators.leases()],
      refused: [...refused, ...authenticators.values().flatMap((one) => one.refused)],
      memo: { policies: policies.memo(), authenticators: authenticators.memo() },
    }),
  }
}

/** Of everything that the providers of a policy are made from. */
function authenticatorKey(policy: Parsed<'policy'>, level: number, { parsed, installation }: WorkshopInput): string {
  const parts = policy.spec.providers.map(({ method }) => partsOf(method, parsed))
  return JSON.stringify([policy.hash, level, installation.outbound, parts])
}

function partsOf(method: Provider['method'], parsed: ParsedResources): (string | null)[] {
  const trustHash = (name: string | null) => (name === null ? null : (parsed.trust.get(name)?.hash ?? ''))
  switch (method.type) {
    case 'Jwt': {
      const keys = parsed.keySet.get(method.keySet)
      return [keys?.hash ?? '', keys?.spec.type === 'Remote' ? trustHash(keys.spec.trust) : null]
    }
    case 'ApiKey':
      return [parsed.credentials.get(method.credentials)?.hash ?? '']
    case 'Mtls':
      return [trustHash(method.trust)]
    case 'Anonymous':
      return []
  }
}

interface Held {
  readonly leases: readonly Lease<unknown>[]
}

interface Order<T> {
  readonly key: () => string
  /** `namespace/name`, for the report when it cannot be built. */
  readonly policy: string
  readonly make: () => T
}

/** Things made at most once in this build, and not at all when the build before made the same. */
function shelf<T extends Held>(previous: ReadonlyMap<string, Remembered<T>> | undefined, refused: RefusedResource[]) {
  const made = new Map<string, Remembered<T>>()
  const failed = new Set<string>()
  const takeOver = (name: string, key: string): Remembered<T> | null => {
    const old = previous?.get(name)
    if (old?.key !== key) return null
    for (const lease of old.value.leases) lease.retain()
    return old
  }
  return {
    take(name: string, { key, policy, make }: Order<T>): T | null {
      const known = made.get(name)
      if (known !== undefined) return known.value
      if (failed.has(name)) return null
      try {
        const madeFrom = key()
        const thing = takeOver(name, madeFrom) ?? { key: madeFrom, value: make() }
        made.set(name, thing)
        return thing.value
      } catch {
        failed.add(name)
        refused.push({ resource: `policy/${policy}`, field: '', reason: 'BuildFailed' })
        return null
      }
    },
    values: (): T[] => [...made.values()].map(({ value }) => value),
    leases: (): Lease<unknown>[] => [...made.values()].flatMap(({ value }) => value.leases),
    memo: () => made,
  }
}
