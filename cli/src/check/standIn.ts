import { objectKey, type World, type WorldObject } from '@gatehouse/controller'
import { group, parseSpec, version, type AccessPolicySpec, type GatewayRouteSpec, type Json } from '@gatehouse/crds'

const maxListeners = 16
const maxHosts = 64
const maxHeaders = 32

const routeSpec = ({ raw }: WorldObject): GatewayRouteSpec | null => {
  const parsed = parseSpec('GatewayRoute', raw['spec'])
  return parsed.ok ? parsed.spec : null
}

const policySpecs = (world: World): readonly { readonly namespace: string; readonly spec: AccessPolicySpec }[] =>
  [...world.AccessPolicy.values()].flatMap(({ meta, raw }) => {
    const parsed = parseSpec('AccessPolicy', raw['spec'])
    return parsed.ok ? [{ namespace: meta.namespace, spec: parsed.spec }] : []
  })

/**
 * The Gatehouses that policies speak of where the folder has none, as `namespace/name`: by their names, or as the one of
 * the namespace whose policies target others.
 */
function meantByPolicies(world: World): readonly string[] {
  if (world.Gatehouse.size > 0) return []
  const meant = policySpecs(world).flatMap(({ namespace, spec }) =>
    spec.targetRefs.flatMap(({ kind, name }) => {
      if (kind === 'Gatehouse') return [`${namespace}/${name}`]
      return kind === 'Namespace' && name !== namespace ? [`${namespace}/gatehouse`] : []
    }),
  )
  const named = meant.filter((key) => !key.endsWith('/gatehouse'))
  return [
    ...new Set(meant.filter((key) => named.includes(key) || !named.some((one) => sameNamespace(one, key)))),
  ].sort()
}

const sameNamespace = (a: string, b: string): boolean => a.split('/', 1)[0] === b.split('/', 1)[0]

const namelessKey = 'not-in-folder/gatehouse'

/** Stands for "the only Gatehouse in the cluster" when the folder has none. */
const nameless = (world: World): string => meantByPolicies(world)[0] ?? namelessKey

/** `namespace/name` of every Gatehouse that a route asks for, with the listeners that it names; null = the default ones. */
function wantedBy(
  route: WorldObject,
  world: World,
): readonly { readonly key: string; readonly section: string | null }[] {
  const refs = routeSpec(route)?.parentRefs
  if (refs === undefined) {
    const all = [...world.Gatehouse.keys()]
    return (all.length > 0 ? all : [nameless(world)]).map((key) => ({ key, section: null }))
  }
  return refs.map(({ namespace, name, sectionName }) => ({
    key: `${namespace ?? route.meta.namespace}/${name}`,
    section: sectionName ?? null,
  }))
}

/** The installations that a route is a matter of, as `namespace/name`. */
export const installationsOf = (route: WorldObject, world: World): ReadonlySet<string> =>
  new Set(wantedBy(route, world).map(({ key }) => key))

/** Every URL that policies fetch from, and that routes go to. */
function urlsOf(world: World): readonly { readonly namespace: string; readonly url: string }[] {
  const fetched = policySpecs(world).flatMap(({ namespace, spec }) =>
    (spec.authentication?.anyOf ?? []).map(({ jwt, introspection }) => ({
      namespace,
      url: jwt?.jwks.uri ?? introspection?.url ?? '',
    })),
  )
  const backends = [...world.GatewayRoute.values()].flatMap((route) =>
    (routeSpec(route)?.rules ?? [])
      .flatMap(({ backendRefs = [] }) => backendRefs)
      .map(({ url = '' }) => ({ namespace: route.meta.namespace, url })),
  )
  return [...fetched, ...backends]
}

/** Hosts outside the cluster: allowed, since only the real Gatehouse says whether they are not. */
function allowedHosts(world: World): readonly Json[] {
  const hosts = new Map<string, { host: string; port: number; namespaces: string[] }>()
  for (const { namespace, url: text } of urlsOf(world)) {
    const url = URL.parse(text)
    if (!url || url.protocol !== 'https:') continue
    const known = hosts.get(url.host) ?? { host: url.hostname, port: Number(url.port || 443), namespaces: [] }
    if (!known.namespaces.includes(namespace)) known.namespaces.push(namespace)
    hosts.set(url.host, known)
  }
  return [...hosts.values()].slice(0, maxHosts)
}

const identityHeaders = (world: World): readonly string[] => {
  const names = policySpecs(world).flatMap(({ spec }) => spec.forward?.identityHeaders?.map(({ name }) => name) ?? [])
  return [...new Set(names)].slice(0, maxHeaders)
}

function listeners(key: string, world: World): readonly Json[] {
  const wanted = [...world.GatewayRoute.values()].flatMap((route) => wantedBy(route, world))
  const sections = wanted.filter((one) => one.key === key).map(({ section }) => section ?? 'default')
  return [...new Set(['default', ...sections])].slice(0, maxListeners).map((name, index) => ({
    name,
    port: index + 1,
    protocol: 'HTTP',
    default: name === 'default',
    plaintextCredentials: 'Allow',
    allowedRoutes: { namespaces: { from: 'All' } },
  }))
}

/**
 * A Gatehouse in place of one that is not in the folder. It permits whatever only the real one could forbid, so that
 * what is still wrong is wrong for every Gatehouse.
 */
function standIn(key: string, world: World): Json {
  const [namespace, name] = key.split('/')
  return {
    apiVersion: `${group}/${version}`,
    kind: 'Gatehouse',
    metadata: { namespace: namespace!, name: name! },
    spec: {
      listeners: listeners(key, world),
      tenancy: 'Single',
      outbound: { allowedHosts: allowedHosts(world), allowLoopback: true },
      identityHeaders: identityHeaders(world),
      bounds: { maxTimeout: '0s', maxRetries: 10 },
      quotaStore: { type: 'Redis', redis: { topology: 'Single', servers: [{ host: 'not-in-folder', port: 6379 }] } },
    },
  }
}

/** An installation to compile for. */
export interface Candidate {
  /** `namespace/name`. */
  readonly key: string
  /** The document that stands for it; null = it is in the folder. */
  readonly standIn: Json | null
}

/** What to call it: a Gatehouse that nobody names has no name. */
export const gatehouseOf = ({ key }: Candidate): string => (key === namelessKey ? 'a Gatehouse' : `Gatehouse ${key}`)

/** Every installation that anything in the folder is about; at least one. */
export function candidates(world: World): readonly Candidate[] {
  const wanted = [...world.GatewayRoute.values()].flatMap((route) => [...installationsOf(route, world)])
  const own = [...world.Gatehouse.values()].map(({ meta }) => objectKey(meta))
  const keys = new Set([...own, ...wanted, ...meantByPolicies(world)])
  if (keys.size === 0) keys.add(nameless(world))
  return [...keys].map((key) => ({ key, standIn: world.Gatehouse.has(key) ? null : standIn(key, world) }))
}
