import type { Compilation } from '@gatehouse/controller'
import { defaultIssuer } from './token/claims.ts'

/** A route of which some rules have no policy. */
export interface OpenRoute {
  readonly namespace: string
  readonly name: string
  /** Rules without a policy; null = all of them. */
  readonly rules: readonly string[] | null
}

interface RouteSpec {
  readonly object: { readonly namespace: string; readonly name: string }
  readonly rules: readonly {
    readonly name: string
    readonly access: { readonly type: string; readonly code?: string }
  }[]
}

/** The routes that answer 403 `no-policy` somewhere, by what the compiler made of them. */
export function openRoutes({ resources }: Pick<Compilation, 'resources'>): readonly OpenRoute[] {
  return resources.flatMap(({ kind, spec }): readonly OpenRoute[] => {
    if (kind !== 'route') return []
    const { object, rules } = spec as unknown as RouteSpec
    const open = rules.filter(({ access }) => access.code === 'no-policy').map(({ name }) => name)
    if (open.length === 0) return []
    return [{ ...object, rules: open.length === rules.length ? null : open }]
  })
}

function targets({ name, rules }: OpenRoute): string {
  const refs = rules ? rules.map((rule) => `, sectionName: ${rule}`) : ['']
  return refs.map((section) => `{group: gatehouse.dev, kind: GatewayRoute, name: ${name}${section}}`).join(', ')
}

const policy = (route: OpenRoute, name: string, rest: string): string => `apiVersion: gatehouse.dev/v1alpha1
kind: AccessPolicy
metadata: {name: ${name}, namespace: ${route.namespace}}
spec:
  targetRefs: [${targets(route)}]
${rest}`

/** The short policy that lets in whoever has a token of the development key. */
export const protectingPolicy = (route: OpenRoute, name = route.name): string =>
  policy(
    route,
    name,
    `  authentication:
    anyOf:
    - name: users
      jwt: {issuer: "${defaultIssuer}", audiences: [${route.name}], algorithms: [ES256], jwks: {configMapRef: {name: ${route.name}-keys}}}
  authorization:
    rules:
    - {name: users, action: Allow, methods: ["*"], principal: [{attribute: Authenticated}]}
`,
  )

/** The short policy that lets everybody read. */
export const publicPolicy = (route: OpenRoute, name = route.name): string =>
  policy(
    route,
    name,
    `  authentication: {anyOf: [{name: public, anonymous: {}}]}
  authorization: {rules: [{name: everyone, action: Allow, methods: [GET], principal: [{attribute: Anyone}]}]}
`,
  )

const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, '    ')

/** A name that no policy of the namespace has yet. */
function freeName(route: OpenRoute, isTaken: (name: string) => boolean): string {
  for (let count = 1; ; count++) {
    const name = count === 1 ? route.name : `${route.name}-${count}`
    if (!isTaken(name)) return name
  }
}

/** What is known of the policies beside a route. */
export interface Neighbours {
  /** Whether a policy of its namespace has this name. */
  isTaken(name: string): boolean
  /** Whether a policy is about it, though it lets nobody in. */
  readonly isTargeted: boolean
}

/** What to write so that a route answers: with a token, or for everybody. */
export function adviceFor(route: OpenRoute, { isTaken, isTargeted }: Neighbours): string {
  const where = route.rules ? `, rule ${route.rules.join(', ')},` : ''
  const name = freeName(route, isTaken)
  const lack = isTargeted ? 'has no policy that authenticates and allows' : 'has no policy'
  return `GatewayRoute ${route.namespace}/${route.name}${where} ${lack}, so every request is answered 403.
  This policy protects it (keys: gatehouse token --jwks --config-map ${route.namespace}/${route.name}-keys,
  a token: gatehouse token --audience ${route.name}):

${indented(protectingPolicy(route, name))}
  This one makes it public for reading:

${indented(publicPolicy(route, name))}`
}
