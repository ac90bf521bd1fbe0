import type { Validation } from '@gatehouse/contract'
import { compileParameters, type Parameters, type ParameterValues } from '@gatehouse/language/parameters'
import {
  compileSchema,
  maxFindings,
  type Effort,
  type Finding,
  type FindingReason,
  type Schema,
  type UnusableSchema,
} from '@gatehouse/language/schema'
import type { RequestFacts } from '../gateway/facts.ts'
import type { RefusalCode } from '../gateway/refusal.ts'
import { isJsonType, isUtf8, mediaTypeOf, type MediaType } from './mediaType.ts'
import { bracketedName, parametersIn } from './query.ts'
import { leadsHome, type Canonical } from './redirects.ts'

type Field = 'maxBodySize' | 'contentTypes' | 'headers' | 'queryParams' | 'pathParams' | 'redirectParams' | 'body'

/** Compiled by the first request that needs it and then kept: thousands of them may come with one snapshot. */
type Once<T> = () => T | null

/** The schema of bodies. */
export interface BodySchema {
  /** As the contract has it: what a worker makes its own of. */
  readonly text: string
  readonly maxDepth: number
  /** null when it cannot be used. */
  readonly schema: Once<Schema>
}

/** A policy's `validation`, made ready. */
export interface CompiledValidation {
  readonly spec: Validation
  readonly headers: Once<Parameters> | null
  readonly query: Once<Parameters> | null
  readonly path: Once<Parameters> | null
  readonly body: BodySchema | null
}

/** The same, at the level at which it is attached. */
export interface PlacedValidation extends CompiledValidation {
  /** `namespace/name`. */
  readonly policy: string
  readonly level: number
}

function once<T extends { readonly ok: true }>(compile: () => T | UnusableSchema): Once<T> {
  let made: { readonly value: T | null } | null = null
  return () => {
    if (made === null) {
      const compiled = compile()
      made = { value: compiled.ok ? compiled : null }
    }
    return made.value
  }
}

export function compileValidation(spec: Validation): CompiledValidation {
  const parameters = (text: string | null | undefined, caseless = false): Once<Parameters> | null =>
    text === null || text === undefined ? null : once(() => compileParameters(text, { caseless }))
  const { body } = spec
  return {
    spec,
    headers: parameters(spec.headers?.schema, true),
    query: parameters(spec.queryParams?.schema),
    path: parameters(spec.pathParams?.schema),
    body:
      body === null
        ? null
        : { text: body.schema, maxDepth: body.maxDepth, schema: once(() => compileSchema(body.schema)) },
  }
}

/** What the head of a request says of its body (RFC 9112 6.3). */
export interface BodyHead {
  readonly present: boolean
  /** Bytes; null = not known beforehand. */
  readonly length: number | null
}

export function bodyHead({ headers }: RequestFacts): BodyHead {
  if (headers.has('transfer-encoding')) return { present: true, length: null }
  const length = Number(headers.get('content-length')?.[0] ?? 0)
  return { present: length > 0, length }
}

/** Why the head of a request is refused. */
export interface HeadFault {
  readonly code: RefusalCode
  readonly by: PlacedValidation
  readonly field: Field
  readonly findings: readonly Finding[]
}

/** What checking the head needs beside the request. */
export interface HeadTools {
  readonly canonical: Canonical
  readonly effort: () => Effort
  /** Of the route's template; null = a value cannot be decoded. */
  readonly pathParams: ParameterValues | null
}

/**
 * Checks all of a request but the content of its body, so that what can be refused before the body is read is (RFC 9110
 * 10.1.1). Every policy must pass.
 */
export function headFault(
  checks: readonly PlacedValidation[],
  facts: RequestFacts,
  tools: HeadTools,
): HeadFault | null {
  const body = bodyHead(facts)
  const type = body.present ? mediaTypeOf(facts.headers.get('content-type')) : null
  for (const by of checks) {
    if (!body.present || takes(by, type, facts)) continue
    return {
      code: 'unsupported-media-type',
      by,
      field: by.spec.contentTypes === null ? 'body' : 'contentTypes',
      findings: [],
    }
  }
  return findingsIn(checks, facts, { tools, body })
}

/** Whether a policy takes a body of this type and coding. A body that its schema could not be asked about is never taken. */
function takes({ spec, body }: PlacedValidation, type: MediaType | null, { headers }: RequestFacts): boolean {
  if (spec.contentTypes === null && body === null) return true
  if (type === null || (isJsonType(type.type) && !isUtf8(type))) return false
  if (!(spec.contentTypes ?? ['application/json']).includes(type.type)) return false
  if (body === null) return true
  const codings = headers.get('content-encoding') ?? []
  return isJsonType(type.type) && codings.every((coding) => coding.toLowerCase() === 'identity')
}

/** Methods whose requests need no body where a body has a schema (RFC 9110 9.3). */
const bodiless: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS'])

interface Collected {
  readonly by: PlacedValidation
  readonly field: Field
}

function findingsIn(
  checks: readonly PlacedValidation[],
  facts: RequestFacts,
  { tools, body }: { readonly tools: HeadTools; readonly body: BodyHead },
): HeadFault | null {
  const findings: Finding[] = []
  let first: Collected | null = null
  const query = parametersOnce(facts.query)
  for (const by of checks) {
    const parts: readonly (readonly [Field, Part])[] = [
      ['headers', headerPart(by, facts, tools)],
      ['queryParams', by.query === null ? none : queryPart(by, query(), by.query, tools)],
      ['pathParams', by.path === null ? none : parameterPart('/path', by.path, tools.pathParams, tools)],
      ['redirectParams', by.spec.redirectParams === null ? none : redirectPart(by.spec.redirectParams, query(), tools)],
      ['body', by.body !== null && !body.present && !bodiless.has(facts.method) ? missingBody : none],
    ]
    for (const [field, found] of parts) {
      if (found === 'broken') return { code: 'config-invalid', by, field, findings: [] }
      if (found.length > 0) first ??= { by, field }
      findings.push(...found)
    }
  }
  return first === null ? null : { code: 'validation-failed', ...first, findings: findings.slice(0, maxFindings) }
}

/** What is wrong with one part of a request; `broken` = its schema cannot be used. */
type Part = readonly Finding[] | 'broken'

const none: Part = []
const missingBody: Part = [{ pointer: '/body', reason: 'required' }]

function parametersOnce(query: string): () => ParameterValues | null {
  let read: { readonly values: ParameterValues | null } | null = null
  return () => (read ??= { values: parametersIn(query) }).values
}

const at = (place: string, name: string, reason: FindingReason): Finding => ({
  pointer: `${place}/${/^[\w$.-]{1,64}$/.test(name) ? name : '?'}`,
  reason,
})

function parameterPart(
  place: string,
  compiled: Once<Parameters>,
  values: ParameterValues | null,
  tools: HeadTools,
): Part {
  if (values === null) return [{ pointer: place, reason: 'malformed' }]
  const parameters = compiled()
  if (parameters === null) return 'broken'
  const verdict = parameters.check(values, tools.effort())
  if (verdict === 'exhausted') return [{ pointer: place, reason: 'too-costly' }]
  return verdict.map(({ pointer, reason }) => ({ pointer: place + pointer, reason }))
}

function headerPart({ spec, headers }: PlacedValidation, facts: RequestFacts, tools: HeadTools): Part {
  if (spec.headers === null) return none
  const missing = spec.headers.required.filter((name) => !facts.headers.has(name))
  if (missing.length > 0) return missing.map((name) => at('/header', name, 'required'))
  if (headers === null) return none
  return parameterPart('/header', headers, facts.headers, tools)
}

const malformed: Part = [{ pointer: '/query', reason: 'malformed' }]

function queryPart(
  { spec }: PlacedValidation,
  values: ParameterValues | null,
  compiled: Once<Parameters>,
  tools: HeadTools,
): Part {
  if (values === null) return malformed
  const names = compiled()?.names
  if (names === undefined) return 'broken'
  const unknown = [...values.keys()].filter((name) => {
    if (names.has(name)) return false
    const meant = bracketedName(name)
    return spec.queryParams?.onUnknown === 'Reject' || (meant !== null && names.has(meant))
  })
  if (unknown.length > 0) return unknown.map((name) => at('/query', name, 'unknown'))
  return parameterPart('/query', compiled, values, tools)
}

function redirectPart(
  { names, allow }: NonNullable<Validation['redirectParams']>,
  values: ParameterValues | null,
  { canonical }: HeadTools,
): Part {
  if (values === null) return malformed
  return [...values].flatMap(([name, given]) => {
    const meant = bracketedName(name)
    if (meant !== null && names.includes(meant)) return [at('/query', name, 'unknown')]
    if (!names.includes(name)) return []
    if (given.length > 1) return [at('/query', name, 'repeated')]
    return leadsHome(given[0]!, allow, canonical) ? [] : [at('/query', name, 'redirect')]
  })
}
