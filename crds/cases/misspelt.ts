import type { GatehouseKind } from '../src/index.ts'
import { fullAccessPolicy } from './full-access-policy.ts'
import { fullGatehouse } from './gatehouse.ts'
import { fullGatewayRoute } from './gateway-route.ts'

/** A spec in which one key is misspelt. */
export interface Misspelling {
  readonly kind: GatehouseKind
  /** The key that is meant, with `[]` for list entries, such as `spec.rules[].name`. */
  readonly key: string
  /** The same with the place in each list. */
  readonly place: string
  readonly spec: { readonly [key: string]: unknown }
}

/** A spec of each kind with every field that there is. */
export const fullSpecs: Readonly<Record<GatehouseKind, { readonly [key: string]: unknown }>> = {
  Gatehouse: fullGatehouse,
  GatewayRoute: fullGatewayRoute,
  AccessPolicy: fullAccessPolicy,
}

/** A value in which the key at `place` is misspelt, for each place. */
function* variants(value: unknown, place: string): Generator<readonly [place: string, value: unknown]> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      for (const [at, variant] of variants(item, `${place}[${index}]`)) yield [at, value.with(index, variant)]
    }
    return
  }
  // The keys of these maps and of schemas are the author's own.
  if (typeof value !== 'object' || value === null || /\.(matchLabels|values|schema)$/.test(place)) return
  for (const [name, member] of Object.entries(value)) {
    const others = Object.entries(value).filter(([other]) => other !== name)
    yield [`${place}.${name}`, Object.fromEntries([...others, [`${name}X`, member as unknown]])]
    for (const [at, variant] of variants(member, `${place}.${name}`)) yield [at, { ...value, [name]: variant }]
  }
}

/** Each key of the full specs, misspelt. */
export const misspellings: readonly Misspelling[] = (Object.keys(fullSpecs) as GatehouseKind[]).flatMap((kind) =>
  [...variants(fullSpecs[kind], 'spec')].map(([place, spec]) => ({
    kind,
    key: place.replaceAll(/\[\d+\]/g, '[]'),
    place,
    spec: spec as Misspelling['spec'],
  })),
)

/**
 * What makes a grant: a misspelling of one of these is refused even where field validation is off, since the key
 * itself is then missing.
 */
export const grantingKeys: readonly (readonly [kind: GatehouseKind, place: string])[] = [
  ['GatewayRoute', 'spec.hostnames'],
  ['GatewayRoute', 'spec.rules'],
  ['GatewayRoute', 'spec.rules[0].backendRefs'],
  ['GatewayRoute', 'spec.rules[0].rewrite.path'],
  ['GatewayRoute', 'spec.rules[0].rewrite.path.replacePrefixMatch'],
  ['GatewayRoute', 'spec.rules[5].rewrite.hostname'],
  ['GatewayRoute', 'spec.rules[0].mirrors[0].backendRef'],
  ['GatewayRoute', 'spec.rules[1].redirect'],
  ['GatewayRoute', 'spec.rules[1].redirect.path.replaceFullPath'],
  ['GatewayRoute', 'spec.rules[4].respond'],
  ['GatewayRoute', 'spec.rules[4].respond.statusCode'],
  ['GatewayRoute', 'spec.rules[4].respond.body'],
  ['GatewayRoute', 'spec.rules[0].matches[0].path.type'],
  ['GatewayRoute', 'spec.rules[0].matches[0].path.value'],
  ['GatewayRoute', 'spec.rules[0].backendRefs[0].auth.type'],
  ['GatewayRoute', 'spec.rules[0].backendRefs[0].auth.audience'],
  ['GatewayRoute', 'spec.rules[0].backendRefs[0].name'],
  ['GatewayRoute', 'spec.rules[0].backendRefs[0].tls.hostname'],
  ['GatewayRoute', 'spec.rules[0].backendRefs[0].tls.caCertificateRefs'],
  ['GatewayRoute', 'spec.rules[0].backendRefs[0].tls.subjectAltNames[0].hostname'],
  ['GatewayRoute', 'spec.rules[0].backendRefs[0].tls.subjectAltNames[1].uri'],
  ['GatewayRoute', 'spec.rules[0].backendRefs[1].tls.wellKnownCACertificates'],
  ['GatewayRoute', 'spec.rules[0].backendRefs[2].url'],
  ['GatewayRoute', 'spec.rules[0].backendRefs[2].auth.secretRef'],
  ['AccessPolicy', 'spec.cors.allowOrigins'],
  ['AccessPolicy', 'spec.targetRefs'],
  ['AccessPolicy', 'spec.authentication.bounds.providers'],
  ['AccessPolicy', 'spec.authentication.bounds.anonymous'],
  ['AccessPolicy', 'spec.authentication.bounds.exemptions[0].namespaces'],
  ['AccessPolicy', 'spec.authentication.bounds.exemptions[0].hostnames'],
  ['AccessPolicy', 'spec.authentication.anyOf[0].jwt'],
  ['AccessPolicy', 'spec.authentication.anyOf[0].jwt.issuer'],
  ['AccessPolicy', 'spec.authentication.anyOf[0].jwt.audiences'],
  ['AccessPolicy', 'spec.authentication.anyOf[0].jwt.algorithms'],
  ['AccessPolicy', 'spec.authentication.anyOf[0].jwt.jwks'],
  ['AccessPolicy', 'spec.authentication.anyOf[0].jwt.jwks.uri'],
  ['AccessPolicy', 'spec.authentication.anyOf[1].jwt.jwks.inline'],
  ['AccessPolicy', 'spec.authentication.anyOf[2].jwt.jwks.configMapRef'],
  ['AccessPolicy', 'spec.authentication.anyOf[3].apiKey'],
  ['AccessPolicy', 'spec.authentication.anyOf[3].apiKey.from'],
  ['AccessPolicy', 'spec.authentication.anyOf[3].apiKey.secretSelector'],
  ['AccessPolicy', 'spec.authentication.anyOf[3].apiKey.secretSelector.matchLabels'],
  ['AccessPolicy', 'spec.authentication.anyOf[4].mtls'],
  ['AccessPolicy', 'spec.authentication.anyOf[4].mtls.subjectAltNames'],
  ['AccessPolicy', 'spec.authentication.anyOf[5].anonymous'],
  ['AccessPolicy', 'spec.authentication.anyOf[6].introspection'],
  ['AccessPolicy', 'spec.authentication.anyOf[6].introspection.url'],
  ['AccessPolicy', 'spec.authentication.anyOf[6].introspection.clientSecretRef'],
  ['AccessPolicy', 'spec.authentication.anyOf[6].introspection.issuer'],
  ['AccessPolicy', 'spec.authentication.anyOf[6].introspection.audiences'],
  ['AccessPolicy', 'spec.authentication.revocations.configMapRef'],
  ['AccessPolicy', 'spec.denyList.configMapRef'],
  ['AccessPolicy', 'spec.anomaly.action'],
  ['AccessPolicy', 'spec.authorization.rules[0].action'],
  ['AccessPolicy', 'spec.authorization.rules[0].principal[0].allOf'],
  ['AccessPolicy', 'spec.authorization.rules[0].principal[1].path'],
  ['AccessPolicy', 'spec.authorization.rules[0].principal[1].anyOf'],
  ['AccessPolicy', 'spec.authorization.rules[0].principal[2].min'],
  ['AccessPolicy', 'spec.authorization.rules[0].principal[3].subjectAltNames'],
  ['AccessPolicy', 'spec.authorization.rules[1].principal'],
  ['AccessPolicy', 'spec.authorization.rules[2].methods'],
  ['AccessPolicy', 'spec.authorization.rules[2].principal'],
  ['AccessPolicy', 'spec.forward.requestHeaders.allow'],
  ['Gatehouse', 'spec.listeners'],
  ['Gatehouse', 'spec.listeners[1].tls'],
  ['Gatehouse', 'spec.listeners[1].tls.clientCertificate.mode'],
  ['Gatehouse', 'spec.listeners[1].tls.clientCertificate.caCertificateRefs'],
  ['Gatehouse', 'spec.listeners[1].allowedRoutes.namespaces.selector'],
  ['Gatehouse', 'spec.listeners[1].allowedRoutes.namespaces.selector.matchLabels'],
  ['Gatehouse', 'spec.hosts[0].namespaces'],
  ['Gatehouse', 'spec.outbound.allowedHosts[0].namespaces'],
]
