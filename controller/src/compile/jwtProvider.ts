import type { ResourceSpec } from '@gatehouse/contract'
import { jsonBytes, listBytes } from './budget.ts'
import { milliseconds } from './durations.ts'
import { note, type Note } from './findings.ts'
import { publicKeysOf, type PublicKeys } from './keySets.ts'
import { memoised } from './memo.ts'
import {
  claimMapOf,
  locations,
  type Made,
  type Place,
  type ProviderSources,
  type ProviderSpec,
} from './providerParts.ts'
import { unresolvedNote } from './references.ts'
import { sealOnce } from './seal.ts'

type Jwt = NonNullable<ProviderSpec['jwt']>
type KeySet = ResourceSpec<'keySet'>

const inlineKeys = memoised((jwks: Jwt['jwks']) => publicKeysOf(jwks.inline ?? ''))

function inlineSet(keys: PublicKeys, { purse }: Place, at: string): KeySet | Note {
  const fits = purse.pay(listBytes(keys))
  return fits ? { type: 'Inline', keys: [...keys] } : note('ResolvedRefs', 'BudgetExceeded', at)
}

/** The key set, or what is wrong and where. */
function keySetOf(jwks: Jwt['jwks'], place: Place, sources: ProviderSources): KeySet | Note {
  const { policy, at } = place
  const { namespace } = policy.meta
  if (jwks.uri !== undefined) {
    const fetch = sources.outbound(namespace, jwks.uri)
    if (!fetch) return note('ResolvedRefs', 'OutboundNotAllowed', `${at}/uri`)
    const remote = { type: 'Remote' as const, uri: jwks.uri, ...fetch }
    return place.purse.pay(jsonBytes(remote)) ? remote : note('ResolvedRefs', 'BudgetExceeded', `${at}/uri`)
  }
  if (!jwks.configMapRef) {
    const keys = inlineKeys(jwks)
    return keys ? inlineSet(keys, place, `${at}/inline`) : note('ResolvedRefs', 'InvalidKeySet', `${at}/inline`)
  }
  const { namespace: other, name, key } = jwks.configMapRef
  const found = sources.references.keySet(other ?? namespace, name, key)
  const where = `${at}/configMapRef`
  return found.ok ? inlineSet(found.value, place, where) : unresolvedNote(found, where)
}

export function jwtProvider(jwt: Jwt, place: Place, sources: ProviderSources): Made {
  const found = keySetOf(jwt.jwks, { ...place, at: `${place.at}/jwt/jwks` }, sources)
  const broken = 'reason' in found
  const spec: KeySet = broken ? { type: 'Inline', keys: [] } : found
  const method = {
    type: 'Jwt' as const,
    issuer: jwt.issuer,
    audiences: jwt.audiences,
    algorithms: jwt.algorithms,
    keySet: place.name,
    from: locations(jwt.from),
    requiredTyp: jwt.requiredTyp ?? null,
    clockSkew: milliseconds(jwt.clockSkew),
    maxTokenAge: jwt.maxTokenAge === undefined ? null : milliseconds(jwt.maxTokenAge),
    replay: jwt.replay ?? null,
    map: claimMapOf(jwt.map),
  }
  const resource = sealOnce(place.policy, { kind: 'keySet', name: place.name, spec })
  const issuer = { issuer: jwt.issuer, keys: spec }
  const registrar = sources.issuers.registeredElsewhere(issuer)
  const at = `${place.at}/jwt/issuer (${registrar} registers it)`
  const foreign = registrar === null ? [] : [note('PartiallyInvalid', 'IssuerRegistered', at)]
  const together = jwt.replay?.scope === 'Shared' && sources.quotaStore !== 'ready'
  const storeless = together ? [note('PartiallyInvalid', 'NoQuotaStore', `${place.at}/jwt/replay/scope`)] : []
  return {
    method,
    resources: [resource],
    notes: [...(broken ? [found] : foreign), ...storeless],
    broken: broken || foreign.length > 0 || together,
    anchors: null,
    issuer,
  }
}
