import { celBudget, failed, hidden, type CelBudget, type CelFacts } from '@gatehouse/language/cel'
import type { RequestFact } from '@gatehouse/language/requestFacts'
import type { PathTemplate } from '@gatehouse/language/template'
import type { HeaderRules } from '../forward/headerRules.ts'
import type { RequestFacts } from '../gateway/facts.ts'
import type { CredentialPlaces } from './authentication.ts'
import type { Caller } from './conditions.ts'
import { parametersOf, percentDecoded } from './queryString.ts'

/** What the expressions of one request share; made when the first rule with one is reached. */
export interface ExpressionContext {
  readonly budget: CelBudget
  headers: ReadonlyMap<string, unknown> | null
  query: unknown
}

/** What expressions see of one request. */
export interface ExpressionRequest {
  readonly facts: RequestFacts
  /** By which the route matched. */
  readonly template: PathTemplate | null
  /** What no expression may see (M10). */
  readonly credentials: CredentialPlaces
  expressions: ExpressionContext | null
}

export const contextOf = (request: ExpressionRequest): ExpressionContext =>
  (request.expressions ??= { budget: { left: celBudget }, headers: null, query: null })

/** One way to read a request, and who asks. */
export interface Reading {
  readonly method: string
  readonly path: string
  /** Of the rule; the first that matches the path gives its names. */
  readonly template: PathTemplate | null
  readonly caller: Caller
  /** Tells which headers only the gateway writes. */
  readonly headerRules: HeaderRules
}

/** @returns facts for one evaluation; nothing is made before it is asked for */
export const expressionFacts = (request: ExpressionRequest, reading: Reading): CelFacts => ({
  // Only names that the check knows are asked for.
  fact: (name) => requestFact(name as RequestFact, request, reading) ?? undefined,
})

function requestFact(name: RequestFact, request: ExpressionRequest, reading: Reading): unknown {
  const { facts } = request
  switch (name) {
    case 'request.method':
      return reading.method
    case 'request.scheme':
      return facts.connection.scheme
    case 'request.host':
      return facts.host
    case 'request.path':
      return reading.path
    case 'request.pathParams':
      return pathParams(request.template, reading)
    case 'request.query':
      return (contextOf(request).query ??= queryOf(request))
    case 'request.headers':
      return (contextOf(request).headers ??= headersOf(request, reading.headerRules))
    case 'request.sourceIP':
      return facts.clientAddress ?? undefined
    default:
      return callerFact(name, reading.caller)
  }
}

type CallerFact = Exclude<RequestFact, `request.${string}`>

function callerFact(name: CallerFact, { principal, certificate }: Caller): unknown {
  switch (name) {
    case 'principal.subject':
      return principal?.subject
    case 'principal.issuer':
      return principal?.issuer
    case 'principal.provider':
      return principal?.provider
    case 'principal.roles':
      return principal?.roles
    case 'principal.scopes':
      return principal?.scopes
    case 'principal.groups':
      return principal?.groups
    case 'principal.tenant':
      return principal?.tenant
    case 'principal.plan':
      return principal?.plan
    case 'principal.trustLevel':
      return principal?.trustLevel
    case 'principal.claims':
      return principal?.claims
    case 'connection.certificateURIs':
      return certificate?.uris
    case 'connection.certificateDNSNames':
      return certificate?.dnsNames
  }
}

/** One that came in several lines has no one value: a reader that took only one of them would miss the others. */
function headersOf({ facts, credentials }: ExpressionRequest, rules: HeaderRules): ReadonlyMap<string, unknown> {
  const headers = new Map<string, unknown>()
  for (const [name, values] of facts.headers) {
    headers.set(name, rules(name).use === 'drop' ? hidden : values.length === 1 ? values[0] : failed)
  }
  for (const name of credentials.headers) headers.set(name, hidden)
  return headers
}

/** @returns failed when some part of it cannot be decoded, since nobody knows what a backend reads there */
function queryOf({ facts, credentials }: ExpressionRequest): unknown {
  const query = parametersOf(facts.query)
  if (query === null) return failed
  const known = new Map<string, unknown>()
  for (const [name, value] of query) known.set(name, value === 'malformed' || value === 'twice' ? failed : value.text)
  for (const name of credentials.parameters) known.set(name, hidden)
  return known
}

function pathParams(own: PathTemplate | null, { path, template }: Reading): ReadonlyMap<string, unknown> {
  const params = new Map<string, unknown>()
  const elements = path.slice(1).split('/')
  for (const one of [own, template]) {
    if (one === null) continue
    for (const [name, index] of one.names) params.set(name, percentDecoded(elements[index] ?? '') ?? failed)
  }
  return params
}
