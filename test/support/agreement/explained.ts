import type { SealedResource } from '@gatehouse/contract'
import { systemClock } from '../../../dataplane/src/clock.ts'
import { createExplainer, type DescribedRequest, type Explanation } from '../../../dataplane/src/explain/explainer.ts'
import type { StandIn } from '../../../dataplane/src/explain/caller.ts'
import type { Decided } from './model.ts'
import type { RequestShape, Shown } from './sets.ts'
import { host, keys } from './world.ts'

/** A request as explain is asked about it: stand-ins for sound credentials, and what is not sound as it is. */
function described(
  { method, path, shown }: RequestShape,
  issuer: string,
  headers: readonly string[],
): DescribedRequest {
  const standIn = standInOf(shown, issuer)
  const url = new URL(`http://${host}${path}`)
  return {
    method,
    url,
    target: path,
    headers: standIn === null ? headers : [],
    sourceIP: '127.0.0.1',
    listener: null,
    certificate: null,
    standIn,
  }
}

function standInOf(shown: Shown, issuer: string): StandIn | null {
  if (shown.type === 'token' && shown.sound)
    return { type: 'Token', claims: claimsOf(shown, issuer), anyAudience: false }
  return shown.type === 'key' && shown.client !== 'unknown' ? { type: 'ApiKey', clientId: shown.client } : null
}

export function claimsOf(shown: Extract<Shown, { type: 'token' }>, issuer: string) {
  const now = Math.floor(Date.now() / 1000)
  const { roles, scopes, tenant, team } = shown
  return {
    iss: issuer,
    aud: 'orders',
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
export function explainer(resources: readonly SealedResource[], issuer: string) {
  const one = createExplainer(resources, systemClock)
  return {
    explain: (request: RequestShape, headers: readonly string[]): Promise<Explanation> =>
      one.explain(described(request, issuer, headers)),
    close: () => one.close(),
  }
}
