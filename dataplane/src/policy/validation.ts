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
import type { Steps } from '../slices.ts'
import type { RequestFacts } from '../gateway/facts.ts'
import type { RefusalCode } from '../gateway/refusal.ts'
import { isJsonType, isUtf8, mediaTypeOf, type MediaType } from './mediaType.ts'
import { bracketedName, parametersIn } from './query.ts'
import { leadsHome, type Canonical } from './redirects.ts'

type Field = 'maxBodySize' | 'contentTypes' | 'headers' | 'queryParams' | 'pathParams' | 'redirectParams' | 'body'

/** The schema of bodies. */
export interface BodySchema {
  /** As the contract has it: what a worker makes its own of. */
  readonly text: string
  readonly maxDepth: number
  readonly schema: Schema
}

/** A policy's `validation`, made ready. */
export interface CompiledValidation {
  readonly spec: Validation
  readonly headers: Parameters | null
  readonly query: Parameters | null
  readonly path: Parameters | null
  readonly body: BodySchema | null
  /** Whose schemas cannot be used. */
  readonly unusable: readonly Field[]
  /** True when a part of it is missing or wrong: then it refuses all that its policy covers (M7). */
  readonly broken: boolean
}

/** The same, at the level at which it is attached. */
export interface PlacedValidation extends CompiledValidation {
  /** `namespace/name`. */
  readonly policy: string
  readonly level: number
}

/** Compiles all schemas; each may take some milliseconds. */
export function* compileValidation(spec: Validation): Steps<CompiledValidation> {
  const unusable: Field[] = []
  function* usable<T extends { readonly ok: true }>(
    field: Field,
    text: string | null | undefined,
    compile: (text: string) => T | UnusableSchema,
  ): Steps<T | null> {
    if (text === null || text === undefined) return null
    yield
    const compiled = compile(text)
    if (compiled.ok) return compiled
    unusable.push(field)
    return null
  }
  const cased = (text: string) => compileParameters(text, { caseless: false })
  const caseless = (text: string) => compileParameters(text, { caseless: true })
  const headers = yield* usable('headers', spec.headers?.schema, caseless)
  const query = yield* usable('queryParams', spec.queryParams?.schema, cased)
  const path = yield* usable('pathParams', spec.pathParams?.schema, cased)
  const schema = yield* usable('body', spec.body?.schema, compileSchema)
  const body =
    spec.body === null || schema === null ? null : { text: spec.body.schema, maxDepth: spec.body.maxDepth, schema }
  return { spec, headers, query, path, body, unusable, broken: spec.broken || unusable.length > 0 }
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
  readonly effort: Effort
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
      if (found.length > 0) first ??= { by, field }
      findings.push(...found)
    }
  }
  return first === null ? null : { code: 'validation-failed', ...first, findings: findings.slice(0, maxFindings) }
}

/** What is wrong with one part of a request. */
type Part = readonly Finding[]

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

function parameterPart(place: string, parameters: Parameters, values: ParameterValues | null, tools: HeadTools): Part {
  if (values === null) return [{ pointer: place, reason: 'malformed' }]
  const verdict = parameters.check(values, tools.effort)
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
  parameters: Parameters,
  tools: HeadTools,
): Part {
  if (values === null) return malformed
  const { names } = parameters
  const unknown = [...values.keys()].filter((name) => {
    if (names.has(name)) return false
    const meant = bracketedName(name)
    return spec.queryParams?.onUnknown === 'Reject' || (meant !== null && names.has(meant))
  })
  if (unknown.length > 0) return unknown.map((name) => at('/query', name, 'unknown'))
  return parameterPart('/query', parameters, values, tools)
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
