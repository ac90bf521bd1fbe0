import { asksEndpoint, authenticate, isAnswer, type Caller } from './caller.ts'
import { byAge, choose, keyOf, type Choice } from './choice.ts'
import { truth, type Expression } from './expressions.ts'
import type { Condition, PathShape, PolicySet, PolicyShape, RequestShape, RuleShape, Section } from './shapes.ts'

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

interface Asked {
  readonly request: RequestShape
  readonly caller: Caller | null
}

const widestFirst = (a: PolicyShape, b: PolicyShape): number => a.level - b.level || byAge(a, b)

const isUnder = (path: string, prefix: string): boolean =>
  prefix === '/' || path === prefix || path.startsWith(`${prefix}/`)

/** The elements that a template names; null = it does not match. */
function parametersOf(template: string, path: string): ReadonlyMap<string, string> | null {
  const [wanted, found] = [template.split('/'), path.split('/')]
  if (wanted.length !== found.length) return null
  const named = new Map<string, string>()
  for (const [index, element] of wanted.entries()) {
    const value = found[index]!
    if (!element.startsWith('{')) {
      if (element !== value) return null
    } else if (value === '') return null
    else named.set(element.slice(1, -1), value)
  }
  return named
}

const routeTemplate = '/t/{tenant}/{id}'

function sectionOf({ path }: RequestShape): Section {
  if (parametersOf(routeTemplate, path) !== null) return 't'
  return isUnder(path, '/a') ? 'a' : 'rest'
}

const denied = (code: string, by: Partial<Decided> = {}): Decided => ({
  decision: 'deny',
  code,
  policy: null,
  item: null,
  level: null,
  ...by,
})

const of = (policy: PolicyShape, item: string | null) => ({ policy: keyOf(policy), item, level: policy.level })

/** All Allow rules of a policy count as one field: the narrowest, then the older, then by name. */
function allowerOf(policies: PolicySet): PolicyShape | undefined {
  const setters = policies.filter(({ rules }) => rules.some(({ action }) => action === 'Allow'))
  const narrowest = Math.max(-1, ...setters.map(({ level }) => level))
  return setters.filter(({ level }) => level === narrowest).sort(byAge)[0]
}

/** Of an address: ranges here end where an element does. */
function within(range: string, source: string): boolean {
  const [address = '', bits] = range.split('/')
  const elements = Number(bits) / 8
  return address.split('.').slice(0, elements).join('.') === source.split('.').slice(0, elements).join('.')
}

function refusedSource(policies: PolicySet, { source }: RequestShape): PolicyShape | undefined {
  return policies.find(({ sourceIPs }) => {
    if (sourceIPs === null) return false
    const { allow, deny } = sourceIPs
    const holds = (range: string) => within(range, source)
    return deny.some(holds) || (allow.length > 0 && !allow.some(holds))
  })
}

/** null = the fact is lacking. */
function holds(condition: Condition, { request, caller }: Asked): boolean | null {
  if (condition.attribute === 'Anyone') return true
  if (condition.attribute === 'Authenticated') return caller !== null
  if (condition.attribute === 'ClientCertificate') {
    // Of the connection, whoever calls.
    const { certificate } = request
    if (certificate === null) return null
    return condition.subjectAltNames.some(({ pattern }) => pattern === `spiffe://mesh/${certificate}`)
  }
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

const allHold = (conditions: readonly Condition[], asked: Asked, lacking: boolean): boolean =>
  conditions.every((condition) => holds(condition, asked) ?? lacking)

function isMet({ type, value }: PathShape, path: string): boolean {
  if (type === 'Exact') return path === value
  return type === 'PathPrefix' ? isUnder(path, value) : parametersOf(value, path) !== null
}

function concerns({ methods, paths }: RuleShape, { method, path }: RequestShape): boolean {
  const asked = method === 'HEAD' ? ['GET', 'HEAD', '*'] : [method, '*']
  if (methods && !methods.some((one) => asked.includes(one))) return false
  return paths === undefined || paths.some((one) => isMet(one, path))
}

/**
 * Whether an expression holds: for a Deny an error does, for all else it does not. GET covers HEAD here too, so that one
 * which refuses does by either name, and all else only by both.
 */
function expressed(
  expression: Expression | undefined,
  { paths = [] }: RuleShape,
  { request, caller }: Asked,
  refusing: boolean,
): boolean {
  if (expression === undefined) return true
  const { method, path, header, source } = request
  const first = paths.find((one) => isMet(one, path))
  const parameters = new Map([
    ...(parametersOf(routeTemplate, path) ?? []),
    ...((first?.type === 'Template' ? parametersOf(first.value, path) : null) ?? []),
  ])
  const verdicts = (method === 'HEAD' ? ['HEAD', 'GET'] : [method]).map(
    (one) => truth(expression, { method: one, path, header, source, parameters, caller }) ?? refusing,
  )
  return refusing ? verdicts.includes(true) : !verdicts.includes(false)
}

const admits = (rule: RuleShape, asked: Asked): boolean =>
  allHold(rule.principal ?? [], asked, false) && expressed(rule.expression, rule, asked, false)

function refuses(rule: RuleShape, asked: Asked): boolean {
  if (rule.action === 'Require') return !admits(rule, asked)
  if (!allHold(rule.principal ?? [], asked, true) || !expressed(rule.expression, rule, asked, true)) return false
  const { unless } = rule
  if (unless === undefined) return true
  const near = unless.sourceCIDRs?.some((range) => within(range, asked.request.source)) ?? true
  const known = unless.principal === undefined || allHold(unless.principal, asked, false)
  return !(near && known && expressed(unless.expression, rule, asked, false))
}

/** M5: only a provider of this level or a wider one is believed. */
const asSeenBy = ({ level }: PolicyShape, { request, caller }: Asked): Asked => ({
  request,
  caller: caller !== null && caller.level <= level ? caller : null,
})

function authorize(policies: PolicySet, allower: PolicyShape, asked: Asked): Decided | RuleShape {
  for (const policy of policies) {
    for (const rule of policy.rules) {
      if (rule.action === 'Allow' || !concerns(rule, asked.request)) continue
      if (refuses(rule, asSeenBy(policy, asked))) return denied('forbidden', of(policy, rule.name))
    }
  }
  const seen = asSeenBy(allower, asked)
  const found = allower.rules.find((rule) => {
    return rule.action === 'Allow' && concerns(rule, asked.request) && admits(rule, seen)
  })
  return found ?? denied('forbidden', of(allower, null))
}

/** What stands without what is in Shadow (M9). */
const enforcedOf = (set: PolicySet): PolicySet =>
  set
    .filter(({ shadow }) => !shadow)
    .map((one) => ({ ...one, rules: one.rules.filter(({ mode }) => mode !== 'Shadow') }))

function inForce(set: PolicySet, request: RequestShape): PolicySet {
  const section = sectionOf(request)
  return set.filter((one) => one.level < 4 || one.section === section).sort(widestFirst)
}

function decideUnder(policies: PolicySet, choice: Choice | undefined, request: RequestShape): Decided {
  if (choice?.broken) return denied('config-invalid')
  const allower = allowerOf(policies)
  if (!choice || !allower) return denied('no-policy')
  const kept = refusedSource(policies, request)
  if (kept) return denied('forbidden', of(kept, null))
  const caller = authenticate(choice, request)
  if (isAnswer(caller)) return denied(caller.code, of(caller.policy, caller.item))
  const decided = authorize(policies, allower, { request, caller })
  if (!('decision' in decided)) return { decision: 'allow', code: null, ...of(allower, decided.name) }
  const couldShow = choice.listed.some(({ provider }) => provider.kind !== 'anonymous')
  return caller === null && couldShow ? { ...decided, code: 'unauthenticated' } : decided
}

/** What a request comes to under a set of policies, without what is in Shadow. */
export function decide(set: PolicySet, request: RequestShape): Decided {
  const policies = inForce(enforcedOf(set), request)
  return decideUnder(policies, choose(policies), request)
}

/** Whether somebody outside is asked about the request's credential. */
export function isAskedAbout(set: PolicySet, request: RequestShape): boolean {
  const choice = choose(inForce(enforcedOf(set), request))
  return choice !== undefined && asksEndpoint(choice, request)
}

/**
 * Whether what enforcing everything in Shadow would do hangs on a token that is only asked about then: a choice of
 * providers that is not the one in force, whose endpoint would be asked.
 */
export function asksAnew(set: PolicySet, whole: PolicySet, request: RequestShape): boolean {
  const [now, later] = [enforcedOf(set), whole].map((one) => inForce(one, request))
  const [own, other] = [choose(now!), choose(later!)]
  if (refusedSource(now!, request) || refusedSource(later!, request)) return false
  if (!other || other.broken || !allowerOf(later!) || isSameChoice(own, other)) return false
  return asksEndpoint(other, request)
}

const isSameChoice = (a: Choice | undefined, b: Choice): boolean =>
  a?.policy.name === b.policy.name && a.policy.use.join() === b.policy.use.join()
