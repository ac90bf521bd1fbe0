import type { GatewayRouteSpec } from '@gatehouse/crds'
import type { BackendAuth } from '@gatehouse/contract'
import { frameBytes } from './budget.ts'
import type { Purse } from './purse.ts'
import type { ConditionReason } from './reasons.ts'
import { unresolved, type References, type Unresolved } from './references.ts'
import { sealOnce, type Sealed } from './seal.ts'

type AuthSpec = NonNullable<NonNullable<GatewayRouteSpec['rules'][number]['backendRefs']>[number]['auth']>

/** How the gateway proves itself to one backend, and the resource that this needs. */
export type MadeAuth = { readonly auth: BackendAuth | null; readonly resource: Sealed | null } | Unresolved

/** What the gateway proves itself to. */
export interface Proven {
  /** Whose it is. */
  readonly namespace: string
  /** Its URL. */
  readonly url: string
  /** Whether a token may be sent there that says for whom it is (M15). */
  readonly takesTokens: boolean
}

/** What the proof is made from beside the route. */
export interface AuthSources {
  readonly references: References
  /** Whether the installation has keys to sign with; else the reason why not. */
  readonly signing: 'ready' | ConditionReason
  /** The headers that the installation strips. */
  readonly identityHeaders: ReadonlySet<string>
  readonly purse: Purse
}

/** @param namespace - of the route, in which the Secret is too @param backend - what requests go to */
export function authOf(namespace: string, backend: Proven, auth: AuthSpec | undefined, sources: AuthSources): MadeAuth {
  if (auth === undefined) return { auth: null, resource: null }
  if (auth.type === 'Header') return headerAuth(namespace, backend.url, auth.secretRef?.name ?? '', sources)
  if (sources.signing !== 'ready') return unresolved(sources.signing)
  if (!backend.takesTokens) return unresolved('TokenNotAllowed')
  return { auth: { type: 'SignedToken', audience: `${backend.namespace}/${auth.audience ?? ''}` }, resource: null }
}

function headerAuth(
  namespace: string,
  url: string,
  secretName: string,
  { references, identityHeaders, purse }: AuthSources,
): MadeAuth {
  const found = references.backendHeader(namespace, secretName, url)
  if (!found.ok) return found
  const { spec, secret } = found.value
  if (identityHeaders.has(spec.name)) return unresolved('InvalidBackendHeader')
  const name = `${namespace}/backend-header/${secretName}`
  const resource = sealOnce(secret, { kind: 'backendHeader', name, spec })
  if (!purse.payOnce(resource.key, resource.bytes + frameBytes(name))) return unresolved('BudgetExceeded')
  return { auth: { type: 'Header', header: name }, resource }
}
