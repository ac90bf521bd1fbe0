import { celCondition, type CelCondition, type CelEnvironment, type CelType, type FaultyCondition } from './cel.ts'

const texts: CelType = { list: 'string' }
const byName: CelType = { map: 'string', folds: false }

/** What an expression of a policy may ask about (docs/guides/authorization.md). */
export const requestFacts = {
  'request.method': 'string',
  'request.scheme': 'string',
  'request.host': 'string',
  'request.path': 'string',
  'request.pathParams': byName,
  'request.query': byName,
  'request.headers': { map: 'string', folds: true },
  'request.sourceIP': 'string',
  'principal.subject': 'string',
  'principal.issuer': 'string',
  'principal.provider': 'string',
  'principal.roles': texts,
  'principal.scopes': texts,
  'principal.groups': texts,
  'principal.tenant': 'string',
  'principal.plan': 'string',
  'principal.trustLevel': 'int',
  'principal.claims': 'dyn',
  'connection.certificateURIs': texts,
  'connection.certificateDNSNames': texts,
} as const satisfies Readonly<Record<string, CelType>>

export type RequestFact = keyof typeof requestFacts

const environment: CelEnvironment = new Map(Object.entries(requestFacts))

/** Reads and checks an expression of a policy. */
export const policyExpression = (source: string): CelCondition | FaultyCondition => celCondition(source, environment)
