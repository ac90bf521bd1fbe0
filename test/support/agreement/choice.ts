import { providerName, type PolicyShape, type PolicySet, type ProviderShape } from './shapes.ts'

/** M2 as it reads: which providers are in force where policies of several levels set some. */

const namespaceOf = ({ level }: PolicyShape): string => (level <= 1 ? 'gatehouse-system' : 'shop')
export const keyOf = (policy: PolicyShape): string => `${namespaceOf(policy)}/${policy.name}`

export const byAge = (a: PolicyShape, b: PolicyShape): number => a.age - b.age || (keyOf(a) < keyOf(b) ? -1 : 1)

/** A provider and the policy that defines it. */
export interface Listed {
  readonly policy: PolicyShape
  readonly provider: ProviderShape
}

/** Providers that a policy puts in force. */
export interface Choice {
  readonly policy: PolicyShape
  readonly listed: readonly Listed[]
  /** Whether it uses what no wider policy in force defines: then all that it decides about is refused (M7). */
  readonly broken: boolean
}

const isAnonymous = ({ provider }: Listed): boolean => provider.kind === 'anonymous'
const sets = ({ providers, use }: PolicyShape): boolean => providers.length + use.length > 0
const own = (policy: PolicyShape): readonly Listed[] => policy.providers.map((provider) => ({ policy, provider }))

function choiceOf(policy: PolicyShape, wider: readonly Choice[]): Choice {
  const defined = wider.flatMap((one) => own(one.policy))
  const named = (name: string) => defined.find((one) => providerName(one.policy, one.provider.kind) === name)
  return {
    policy,
    listed: [...policy.use.flatMap((name) => named(name) ?? []), ...own(policy)],
    broken: policy.use.some((name) => named(name) === undefined),
  }
}

interface Bounds {
  /** What a narrower policy may list; null = anything. */
  readonly providers: readonly Listed[] | null
  readonly anonymous: boolean
}

/** @param inForce - at this level, once its policies are judged */
function boundsOf(policy: PolicyShape, inForce: Choice | undefined): Bounds {
  const platform = policy.level <= 1
  const closed = platform && sets(policy)
  const { providers, anonymous, exempt } = policy.bounds ?? {
    providers: closed ? 'Own' : 'Any',
    anonymous: closed ? 'Forbid' : 'Allow',
    exempt: null,
  }
  return {
    providers: providers === 'Own' ? (inForce?.listed ?? []) : null,
    anonymous: anonymous === 'Allow' || exempt === 'Route',
  }
}

const isSame = (a: Listed, b: Listed): boolean => a.policy === b.policy && a.provider === b.provider

const isWithin = ({ listed }: Choice, { providers, anonymous }: Bounds): boolean =>
  listed.every((one) =>
    isAnonymous(one) ? anonymous : providers === null || providers.some((other) => isSame(one, other)),
  )

/** The choice in force: the narrowest that stays within the bounds of all wider levels. */
export function choose(policies: PolicySet): Choice | undefined {
  const inForce: Choice[] = []
  const bounds: Bounds[] = []
  for (const level of [0, 1, 2, 3, 4]) {
    const here = policies.filter((one) => one.level === level).sort(byAge)
    const within = here
      .filter(sets)
      .map((one) => choiceOf(one, inForce))
      .filter((one) => bounds.every((bound) => isWithin(one, bound)))
    const winner = within.find(({ listed }) => !listed.some(isAnonymous)) ?? within[0]
    if (winner) inForce.unshift(winner)
    bounds.push(...here.map((one) => boundsOf(one, inForce[0])))
  }
  return inForce[0]
}
