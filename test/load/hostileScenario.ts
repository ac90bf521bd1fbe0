import type { SealedResource } from '@gatehouse/contract'
import { compiled } from '../support/compiled.ts'
import type { Issuer } from '../support/issuer.ts'

/** Two tenants of one gateway: one that only wants its answers, and one that writes the worst that its budget admits. */

/** Where a backend listens. */
export interface Place {
  readonly address: string
  readonly port: number
}

export const victimHost = 'victim.example'
export const hostileHost = 'hostile.example'

const object = (kind: string, namespace: string, name: string, spec: object): object => ({
  apiVersion: 'gatehouse.dev/v1alpha1',
  kind,
  metadata: { namespace, name },
  spec,
})

const open = {
  authentication: { anyOf: [{ name: 'public', anonymous: {} }] },
}
const anyone = { name: 'anyone', action: 'Allow', methods: ['*'], principal: [{ attribute: 'Anyone' }] }

const route = (namespace: string, name: string, hostname: string, rules: readonly object[]): object =>
  object('GatewayRoute', namespace, name, { hostnames: [hostname], rules })

const rule = (name: string, ...paths: readonly object[]): object => ({
  name,
  matches: paths.map((path) => ({ path })),
  backendRefs: [{ name: 'web', port: 80 }],
})
const prefix = (value: string): object => ({ type: 'PathPrefix', value })
const regex = (value: string): object => ({ type: 'RegularExpression', value })

const policyOf = (namespace: string, name: string, section: string | null, spec: object): object =>
  object('AccessPolicy', namespace, name, {
    targetRefs: [
      {
        group: 'gatehouse.dev',
        kind: 'GatewayRoute',
        name: 'web',
        ...(section === null ? {} : { sectionName: section }),
      },
    ],
    ...spec,
  })

/** As many large regular expressions as one schema may have, each in its own way. */
const slowSchema = (mark: string): object => ({
  type: 'array',
  items: { allOf: Array.from({ length: 7 }, (_, index) => ({ pattern: `${mark}${index}(?:a?){500}b` })) },
})

/** Many names, and combinators as deep as they go. */
const wideSchema = (mark: string): object => ({
  type: 'object',
  properties: Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`${mark}${index}`, { type: 'integer' }])),
  additionalProperties: { anyOf: Array.from({ length: 8 }, (_, index) => ({ type: 'string', minLength: index })) },
})

/** Loops in loops, as far as the static bound lets them. */
const loops =
  'principal.roles.exists(a, principal.roles.exists(b, a == b)) || request.path.split("/").all(a, request.path.split("/").exists(b, a + "x" == b))'
const matching = (mark: string): string => `request.path.matches("${mark}(?:a?){180}b")`

const section = (name: string, spec: object): object => policyOf('evil', name, name, { ...open, ...spec })

const sections = (mark: string): readonly object[] => [
  section('schema', {
    authorization: { rules: [anyone] },
    validation: { body: { schema: slowSchema(mark) } },
  }),
  section('wide', {
    authorization: { rules: [anyone] },
    validation: { maxDepth: 32, body: { schema: wideSchema(mark) } },
  }),
  section('loops', {
    authorization: {
      rules: [
        ...Array.from({ length: 40 }, (_, index) => ({
          name: `loop${index}`,
          action: 'Deny',
          expression: `!(${loops})`,
        })),
        anyone,
      ],
    },
  }),
  section('matches', {
    authorization: {
      rules: [
        ...Array.from({ length: 40 }, (_, index) => ({
          name: `match${index}`,
          action: 'Deny',
          expression: matching(`${mark}${index}`),
        })),
        anyone,
      ],
    },
  }),
  section('query', {
    authorization: { rules: [anyone] },
    validation: {
      queryParams: {
        schema: { properties: { q: { type: 'array', items: { type: 'string', pattern: '(?:a?){200}b' } } } },
      },
    },
  }),
]

const tokens = ({ issuer, jwks }: Issuer): object =>
  policyOf('evil', 'tokens', 'tokens', {
    authentication: {
      anyOf: [{ name: 'staff', jwt: { issuer, audiences: ['web'], algorithms: ['RS256'], jwks: { inline: jwks } } }],
    },
    authorization: {
      rules: [{ name: 'all', action: 'Allow', methods: ['*'], principal: [{ attribute: 'Authenticated' }] }],
    },
  })

/** Everything that the tenant's bytes buy: policies of large schemas and expressions, and routes of large expressions. */
function ballast(mark: string, count: { readonly policies: number; readonly routes: number }): readonly object[] {
  const policies = Array.from({ length: count.policies }, (_, index) =>
    object('AccessPolicy', 'evil', `ballast${index}`, {
      targetRefs: [
        { group: 'gatehouse.dev', kind: 'GatewayRoute', name: `ballast${index % Math.max(1, count.routes)}` },
      ],
      ...open,
      authorization: {
        rules: [
          ...Array.from({ length: 20 }, (_, number) => ({
            name: `match${number}`,
            action: 'Deny',
            expression: matching(`${mark}${index}x${number}`),
          })),
          anyone,
        ],
      },
      validation: { body: { schema: slowSchema(`${mark}${index}`) } },
    }),
  )
  const routes = Array.from({ length: count.routes }, (_, index) =>
    route(
      'evil',
      `ballast${index}`,
      hostileHost,
      Array.from({ length: 16 }, (_, number) =>
        rule(
          `rule${number}`,
          ...Array.from({ length: 8 }, (_, match) => regex(`/${mark}/${index}/${number}/${match}(?:a?){60}b`)),
        ),
      ),
    ),
  )
  return [...policies, ...routes]
}

const gatehouse = object('Gatehouse', 'gatehouse-system', 'edge', {
  tenancy: 'Shared',
  hosts: [
    { pattern: victimHost, namespaces: ['shop'] },
    { pattern: hostileHost, namespaces: ['evil'] },
  ],
  listeners: [
    {
      name: 'http',
      port: 8080,
      protocol: 'HTTP',
      default: true,
      plaintextCredentials: 'Allow',
      allowedRoutes: { namespaces: { from: 'All' } },
    },
  ],
})

/** What the real compiler makes of it. @param mark - another makes every text of the hostile tenant another */
export function hostileResources(
  mark: string,
  count: { readonly policies: number; readonly routes: number },
  backends: { readonly victim: Place; readonly hostile: Place },
  issuer: Issuer,
): readonly SealedResource[] {
  const documents = [
    gatehouse,
    route('shop', 'web', victimHost, [rule('all', prefix('/'))]),
    policyOf('shop', 'web', null, { ...open, authorization: { rules: [anyone] } }),
    route('evil', 'web', hostileHost, [
      ...['schema', 'wide', 'loops', 'matches', 'query', 'tokens', 'plain'].map((name) =>
        rule(name, prefix(`/${name}`)),
      ),
      rule('regex', ...Array.from({ length: 8 }, (_, index) => regex(`/(?:a?){${90 - index}}b`))),
    ]),
    ...['regex', 'plain'].map((name) => section(name, { authorization: { rules: [anyone] } })),
    ...sections(mark),
    tokens(issuer),
    ...ballast(mark, count),
  ]
  const { resources } = compiled(documents.map((one) => JSON.stringify(one)).join('\n---\n'), {
    upstreams: { 'shop/web': backends.victim, 'evil/web': backends.hostile },
  })
  return resources
}
