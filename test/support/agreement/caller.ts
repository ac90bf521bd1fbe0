import type { Choice, Listed } from './choice.ts'
import {
  providerName,
  soundFacts,
  type Facts,
  type PolicyShape,
  type ProviderKind,
  type ProviderShape,
  type RequestShape,
} from './shapes.ts'

/** M3 and M5 as they read: who calls. */

export interface Caller extends Facts {
  /** Of the policy that defines its provider. */
  readonly level: number
}

/** What is answered to somebody whose credential is not taken. */
export interface Answer {
  readonly code: 'unauthenticated' | 'ambiguous-credential'
  readonly policy: PolicyShape
  readonly item: string | null
}

export const isAnswer = (one: Caller | Answer | null): one is Answer => one !== null && 'code' in one

/** A credential that somebody shows: who could judge it, and what it says; null = it is not good. */
interface Credential {
  readonly claimants: readonly Listed[]
  readonly facts: Facts | null
}

const asserted = (may: readonly string[], facts: readonly string[]): readonly string[] =>
  facts.filter((fact) => may.includes('*') || may.includes(fact))

function callerBy({ policy, provider }: Listed, facts: Facts): Caller {
  const { level } = policy
  const { roles, tenant } = believedOf(provider, facts)
  return { level, roles, scopes: facts.scopes, tenant, team: facts.team }
}

function believedOf(provider: ProviderShape, facts: Facts): Pick<Facts, 'roles' | 'tenant'> {
  const [tenant = null] = asserted(provider.tenants, facts.tenant === null ? [] : [facts.tenant])
  return { roles: asserted(provider.roles, facts.roles), tenant }
}

const nobody: Facts = { roles: [], scopes: [], tenant: null, team: null }
const clients = { 'acme-client': 'acme', 'globex-client': 'globex', unknown: null } as const

/** What is in the places where some provider in force looks. */
function credentialsOf({ listed }: Choice, { shown }: RequestShape): readonly Credential[] {
  const by = (...kinds: readonly ProviderKind[]) => listed.filter(({ provider }) => kinds.includes(provider.kind))
  const all: Credential[] = []
  if (shown.type === 'token' || shown.type === 'opaque' || shown.type === 'both') {
    const facts = shown.type === 'both' ? soundFacts : shown.sound ? shown.facts : null
    // The Authorization header is a place of credentials where either kind is in force.
    if (by('jwt', 'introspection').length > 0) {
      if (shown.type === 'opaque') all.push({ claimants: by('introspection'), facts })
      else if (by('jwt').length > 0) all.push({ claimants: by('jwt'), facts })
      // What no jwt provider claims is asked about, and the endpoint knows no JWT.
      else all.push({ claimants: by('introspection'), facts: null })
    }
  }
  if ((shown.type === 'key' || shown.type === 'both') && by('apiKey').length > 0) {
    const tenant = shown.type === 'both' ? 'acme' : clients[shown.client]
    const facts = tenant === null ? null : { roles: ['reader'], scopes: ['read'], tenant, team: null }
    all.push({ claimants: by('apiKey'), facts })
  }
  return all
}

/** M3: who calls, or what is answered; null = nobody. */
export function authenticate(choice: Choice, request: RequestShape): Caller | Answer | null {
  const answer = (code: Answer['code'], item: string | null): Answer => ({ code, policy: choice.policy, item })
  const shown = credentialsOf(choice, request)
  const claims = shown.flatMap(({ claimants, facts }) => claimants.map((by) => ({ by, facts })))
  if (claims.length > 1) return answer('ambiguous-credential', null)
  if (shown.some(({ claimants }) => claimants.length === 0)) return answer('unauthenticated', null)
  const judging = claims.length > 0 ? claims : certificateClaims(choice, request)
  if (judging.length > 1) return answer('ambiguous-credential', null)
  const [claim] = judging
  if (claim === undefined) {
    const open = choice.listed.some(({ provider }) => provider.kind === 'anonymous')
    return open ? null : answer('unauthenticated', null)
  }
  const { by, facts } = claim
  return facts === null ? answer('unauthenticated', providerName(by.policy, by.provider.kind)) : callerBy(by, facts)
}

/** A certificate counts only where nothing else is shown, and one that nobody claims is no credential. */
function certificateClaims({ listed }: Choice, { certificate }: RequestShape) {
  const takers = certificate === 'web' ? listed.filter(({ provider }) => provider.kind === 'mtls') : []
  return takers.map((by) => ({ by, facts: nobody }))
}

/** Whether somebody outside is asked what a credential is worth. */
export function asksEndpoint(choice: Choice, request: RequestShape): boolean {
  const claimants = credentialsOf(choice, request).map((one) => one.claimants)
  const [only] = claimants.flat()
  const judged = claimants.flat().length === 1 && claimants.every((some) => some.length > 0)
  return judged && only?.provider.kind === 'introspection'
}
