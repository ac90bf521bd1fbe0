import type { Condition, PolicySet, PolicyShape, ProviderShape, RequestShape, RuleShape, Shown } from './sets.ts'

/**
 * M1 to M5 as they read, for the worlds of `sets.ts`, slow and without regard to how the gateway does it. It shares no
 * code with the gateway.
 */

/** What a request comes to. */
export interface Decided {
  readonly decision: 'allow' | 'deny'
  readonly code: string | null
  readonly policy: string | null
  readonly item: string | null
  readonly level: number | null
}

interface Caller {
  readonly level: number
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  readonly tenant: string | null
  readonly team: string | null
}

interface Asked {
  readonly request: RequestShape
  readonly caller: Caller | null
}

const namespaceOf = ({ level }: PolicyShape): string => (level <= 1 ? 'gatehouse-system' : 'shop')
export const keyOf = (policy: PolicyShape): string => `${namespaceOf(policy)}/${policy.name}`

/** Names of providers differ, because a narrower policy must not define what a wider one has. */
export const providerName = ({ name }: PolicyShape, { kind }: ProviderShape): string => `${name}-${kind.toLowerCase()}`

const byAge = (a: PolicyShape, b: PolicyShape): number => a.age - b.age || (keyOf(a) < keyOf(b) ? -1 : 1)
const widestFirst = (a: PolicyShape, b: PolicyShape): number => a.level - b.level || byAge(a, b)

const isUnder = (path: string, prefix: string): boolean =>
  prefix === '/' || path === prefix || path.startsWith(`${prefix}/`)

const sectionOf = ({ path }: RequestShape): 'a' | 'rest' => (isUnder(path, '/a') ? 'a' : 'rest')

const denied = (code: string, by: Partial<Decided> = {}): Decided => ({
  decision: 'deny',
  code,
  policy: null,
  item: null,
  level: null,
  ...by,
})

const of = (policy: PolicyShape, item: string | null) => ({ policy: keyOf(policy), item, level: policy.level })

/** Among those of one level: the older, then by name; over authentication one without anonymous. */
function atLevel(setters: readonly PolicyShape[], level: number, wary: boolean): PolicyShape | undefined {
  const own = setters.filter((one) => one.level === level).sort(byAge)
  const careful = own.filter(({ providers }) => providers.every(({ kind }) => kind !== 'anonymous'))
  return (wary ? careful[0] : undefined) ?? own[0]
}

/**
 * The narrowest that sets authentication, unless a wider one of the installation sets it too: that one lets nobody
 * narrower bring providers of their own.
 */
function judgeOf(policies: readonly PolicyShape[]): PolicyShape | undefined {
  const setters = policies.filter(({ providers }) => providers.length > 0)
  const levels = [0, 1, 2, 3, 4].filter((level) => setters.some((one) => one.level === level))
  const binding = levels.find((level) => level <= 1)
  return atLevel(setters, binding ?? levels.at(-1) ?? -1, true)
}

function allowerOf(policies: readonly PolicyShape[]): PolicyShape | undefined {
  const setters = policies.filter(({ rules }) => rules.some(({ action }) => action === 'Allow'))
  return atLevel(setters, Math.max(-1, ...setters.map(({ level }) => level)), false)
}

const within = (range: string): boolean => range.startsWith('127.')

function refusedSource(policies: readonly PolicyShape[]): PolicyShape | undefined {
  return policies.find(({ sourceIPs }) => {
    if (sourceIPs === null) return false
    const { allow, deny } = sourceIPs
    return deny.some(within) || (allow.length > 0 && !allow.some(within))
  })
}

const asserted = (may: readonly string[], facts: readonly string[]): readonly string[] =>
  facts.filter((fact) => may.includes('*') || may.includes(fact))

function callerBy({ level }: PolicyShape, provider: ProviderShape, shown: Shown): Caller {
  const facts =
    shown.type === 'token'
      ? shown
      : {
          roles: ['reader'],
          scopes: ['read'],
          team: null,
          tenant: shown.type === 'key' && shown.client === 'globex-client' ? 'globex' : 'acme',
        }
  const [tenant = null] = asserted(provider.tenants, facts.tenant === null ? [] : [facts.tenant])
  return { level, roles: asserted(provider.roles, facts.roles), scopes: facts.scopes, tenant, team: facts.team }
}

/** M3: who calls, or what is answered. */
function authenticate(judge: PolicyShape, shown: Shown): Caller | null | Decided {
  const provider = (kind: ProviderShape['kind']) => judge.providers.find((one) => one.kind === kind)
  const [jwt, apiKey, anonymous] = [provider('jwt'), provider('apiKey'), provider('anonymous')]
  const unauthenticated = (item: string | null) => denied('unauthenticated', of(judge, item))
  const token = jwt && (shown.type === 'token' || shown.type === 'both')
  const key = apiKey && (shown.type === 'key' || shown.type === 'both')
  if (token && key) return denied('ambiguous-credential', of(judge, null))
  if (token) {
    const sound = shown.type !== 'token' || shown.sound
    const facts: Shown =
      shown.type === 'token'
        ? shown
        : { type: 'token', roles: ['reader'], tenant: 'acme', scopes: [], team: null, sound: true }
    return sound ? callerBy(judge, jwt, facts) : unauthenticated(providerName(judge, jwt))
  }
  if (key) {
    const known = shown.type !== 'key' || shown.client !== 'unknown'
    return known ? callerBy(judge, apiKey, shown) : unauthenticated(providerName(judge, apiKey))
  }
  return anonymous ? null : unauthenticated(null)
}

/** null = the fact is lacking. */
function holds(condition: Condition, caller: Caller | null): boolean | null {
  if (condition.attribute === 'Anyone') return true
  if (condition.attribute === 'Authenticated') return caller !== null
  if (caller === null) return null
  const single = (fact: string | null) => (fact === null ? null : [fact])
  const facts =
    condition.attribute === 'Role'
      ? caller.roles
      : condition.attribute === 'Scope'
        ? caller.scopes
        : condition.attribute === 'Tenant'
          ? single(caller.tenant)
          : single(caller.team)
  if (facts === null) return null
  return 'allOf' in condition
    ? condition.allOf.every((value) => facts.includes(value))
    : condition.anyOf.some((value) => facts.includes(value))
}

const allHold = (conditions: readonly Condition[], caller: Caller | null, lacking: boolean): boolean =>
  conditions.every((condition) => holds(condition, caller) ?? lacking)

function concerns({ methods, paths }: RuleShape, { method, path }: RequestShape): boolean {
  const asked = method === 'HEAD' ? ['GET', 'HEAD', '*'] : [method, '*']
  if (methods && !methods.some((one) => asked.includes(one))) return false
  if (!paths) return true
  return paths.some(({ type, value }) => (type === 'Exact' ? path === value : isUnder(path, value)))
}

/** M5: only a provider of this level or a wider one is believed. */
const believed = ({ level }: PolicyShape, caller: Caller | null): Caller | null =>
  caller !== null && caller.level <= level ? caller : null

function refuses(rule: RuleShape, caller: Caller | null): boolean {
  const conditions = rule.principal ?? []
  if (rule.action === 'Require') return !allHold(conditions, caller, false)
  if (!allHold(conditions, caller, true)) return false
  const { unless } = rule
  const excepted =
    unless !== undefined &&
    (unless.sourceCIDRs ?? ['127.']).some(within) &&
    (unless.principal === undefined || allHold(unless.principal, caller, false))
  return !excepted
}

function authorize(
  policies: readonly PolicyShape[],
  allower: PolicyShape,
  { request, caller }: Asked,
): Decided | RuleShape {
  for (const policy of policies) {
    for (const rule of policy.rules) {
      if (rule.action === 'Allow' || !concerns(rule, request)) continue
      if (refuses(rule, believed(policy, caller))) return denied('forbidden', of(policy, rule.name))
    }
  }
  const found = allower.rules.find((rule) => {
    const own = believed(allower, caller)
    return rule.action === 'Allow' && concerns(rule, request) && allHold(rule.principal ?? [], own, false)
  })
  return found ?? denied('forbidden', of(allower, null))
}

/** What stands without what is in Shadow (M9). */
const enforcedOf = (set: PolicySet): PolicySet =>
  set
    .filter(({ shadow }) => !shadow)
    .map((one) => ({ ...one, rules: one.rules.filter(({ mode }) => mode !== 'Shadow') }))

/** What a request comes to under a set of policies, without what is in Shadow. */
export function decide(set: PolicySet, request: RequestShape): Decided {
  const section = sectionOf(request)
  const policies = enforcedOf(set)
    .filter((one) => one.level < 4 || one.section === section)
    .sort(widestFirst)
  const judge = judgeOf(policies)
  const allower = allowerOf(policies)
  if (!judge || !allower) return denied('no-policy')
  const kept = refusedSource(policies)
  if (kept) return denied('forbidden', of(kept, null))
  const caller = authenticate(judge, request.shown)
  if (caller !== null && 'decision' in caller) return caller
  const decided = authorize(policies, allower, { request, caller })
  if (!('decision' in decided)) return { decision: 'allow', code: null, ...of(allower, decided.name) }
  const couldShow = judge.providers.some(({ kind }) => kind !== 'anonymous')
  return caller === null && couldShow ? { ...decided, code: 'unauthenticated' } : decided
}
