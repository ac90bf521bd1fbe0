import type { SealedResource } from '@gatehouse/contract'
import { systemClock } from '../../../dataplane/src/clock.ts'
import { createExplainer, type DescribedRequest, type Explanation } from '../../../dataplane/src/explain/explainer.ts'
import type { StandIn } from '../../../dataplane/src/explain/caller.ts'
import type { Decided } from './model.ts'
import type { Parties } from './parties.ts'
import { soundFacts, type Facts, type RequestShape } from './shapes.ts'
import { host, keys, opaqueIssuer } from './world.ts'

/** A request to explain, which asks nobody. */
export interface Question {
  readonly request: RequestShape
  /** As they are sent. */
  readonly headers: readonly string[]
  /** Whether an endpoint would be asked about its credential, so that what it says has to be told. */
  readonly told: boolean
}

/** A request as explain is asked about it: stand-ins for sound credentials, and what is not sound as it is. */
function described({ request, headers, told }: Question, parties: Parties): DescribedRequest {
  const { method, path, source, certificate, header } = request
  const standIn = standInOf(request, parties, told)
  const plain = header === null ? [] : ['x-team', header]
  return {
    method,
    url: new URL(`${certificate === null ? 'http' : 'https'}://${host}${path}`),
    target: path,
    headers: standIn === null ? headers : plain,
    sourceIP: source,
    listener: null,
    certificate: certificate === null ? null : parties.holders[certificate].certificate,
    standIn,
  }
}

function standInOf({ shown }: RequestShape, { issuer }: Parties, told: boolean): StandIn | null {
  if (shown.type === 'both' && told)
    return { type: 'Token', claims: claimsOf(soundFacts, issuer.issuer), anyAudience: false }
  if (shown.type === 'token' && (shown.sound || told))
    return { type: 'Token', claims: claimsOf(shown.facts, issuer.issuer), anyAudience: false }
  if (shown.type === 'opaque')
    return { type: 'Token', claims: claimsOf(shown.facts, opaqueIssuer, shown.sound), anyAudience: false }
  return shown.type === 'key' && shown.client !== 'unknown' ? { type: 'ApiKey', clientId: shown.client } : null
}

/** @param sound - false = for somebody else */
export function claimsOf({ roles, scopes, tenant, team }: Facts, issuer: string, sound = true) {
  const now = Math.floor(Date.now() / 1000)
  return {
    iss: issuer,
    aud: sound ? 'orders' : 'billing',
    sub: 'ada',
    iat: now,
    exp: now + 300,
    roles: [...roles],
    scope: scopes.join(' '),
    ...(tenant !== null && { tid: tenant }),
    ...(team !== null && { team }),
  }
}

export const keyHeader = (client: keyof typeof keys): readonly string[] => ['x-api-key', keys[client]]

export const decidedOf = ({
  allowed,
  code,
  policy,
  item,
  level,
}: Omit<Decided, 'decision'> & { allowed: boolean }): Decided => ({
  decision: allowed ? 'allow' : 'deny',
  code,
  policy,
  item,
  level,
})

/** Asks explain about requests under one configuration. */
export function explainer(resources: readonly SealedResource[], parties: Parties) {
  const one = createExplainer(resources, systemClock)
  return {
    refused: one.refused,
    explain: (question: Question): Promise<Explanation> => one.explain(described(question, parties)),
    close: () => one.close(),
  }
}
