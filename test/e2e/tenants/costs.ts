import { judged, refused, type Attempt } from './attempt.ts'
import { everyoneKnown, hostOf, mine, policy, route } from './objects.ts'

const unreadable = (name: string, problem: string, verdict: string, spec: object): Attempt =>
  judged(
    problem,
    `accesspolicy/${name} ${verdict}`,
    [route(name), policy(name, spec)],
    refused('own', `${hostOf(name)}/${name}`, '500 config-invalid', '--json', '{}'),
  )

const byExpression = (expression: string): object => ({
  authorization: {
    rules: [
      { name: 'costly', action: 'Deny', expression },
      { name: 'all', action: 'Allow', methods: ['*'], principal: [{ attribute: 'Authenticated' }] },
    ],
  },
})

const byPath = (name: string, value: string): readonly object[] => [
  route(name, {
    rules: [
      { name: 'costly', matches: [{ path: { type: 'RegularExpression', value } }], backendRefs: [mine] },
      { name: 'rest', matches: [{ path: { type: 'PathPrefix', value: '/rest' } }], backendRefs: [mine] },
    ],
  }),
]

const lists = '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]'
const nested = (depth: number): string =>
  depth === 0 ? 'request.path.contains("a")' : `${lists}.all(x${depth}, ${nested(depth - 1)})`

const body = (schema: object): object => ({ ...everyoneKnown, validation: { body: { schema } } })

const branches = (depth: number): object =>
  depth === 0 ? { type: 'string' } : { anyOf: Array.from({ length: 8 }, () => branches(depth - 1)) }

/** What a tenant tries with what costs time. */
export const onCosts: readonly Attempt[] = [
  judged(
    'an expression for paths that takes more memory than anybody has',
    'gatewayroute/regex PartiallyInvalid=True/InvalidPath',
    byPath('regex', '/((a{1,100}){1,100}){1,100}'),
    refused('own', `${hostOf('regex')}/regex`, '500 config-invalid'),
  ),
  judged(
    'an expression for paths that only backtracking understands',
    'gatewayroute/lookahead PartiallyInvalid=True/InvalidPath',
    byPath('lookahead', '/(?=a+)+$'),
    refused('own', `${hostOf('lookahead')}/lookahead`, '500 config-invalid'),
  ),
  unreadable(
    'cel',
    'a condition in CEL of a million steps',
    'PartiallyInvalid=True/InvalidExpression',
    byExpression(nested(6)),
  ),
  judged(
    'a condition in CEL over the credential of its callers',
    'accesspolicy/cel-facts Accepted=True/Accepted',
    [route('cel-facts'), policy('cel-facts', byExpression('request.headers["authorization"].contains("nothing")'))],
    refused('own', `${hostOf('cel-facts')}/cel-facts`, '403 forbidden'),
  ),
  unreadable(
    'recursive',
    'a schema that contains itself',
    'ResolvedRefs=False/InvalidSchema',
    body({ $defs: { node: { items: { $ref: '#/$defs/node' } } }, $ref: '#/$defs/node' }),
  ),
  unreadable(
    'remote',
    'a schema that is fetched',
    'ResolvedRefs=False/InvalidSchema',
    body({ $ref: 'http://10.97.0.1/schema' }),
  ),
  unreadable('branches', 'a schema of 4096 branches', 'ResolvedRefs=False/InvalidSchema', body(branches(4))),
  unreadable(
    'unique',
    'a schema that compares all with all',
    'ResolvedRefs=False/InvalidSchema',
    body({ type: 'array', uniqueItems: true }),
  ),
  unreadable(
    'backtracking',
    'a pattern in a schema that backtracks',
    'ResolvedRefs=False/InvalidSchema',
    body({ type: 'string', pattern: '^(a+)+\\1$' }),
  ),
]

/** More policies than the budget of a namespace holds, each on a route of its own. */
export const tooMuch = (namespace: string): readonly object[] =>
  Array.from({ length: 16 }, (_, number) => `bulk-${String(number).padStart(2, '0')}`).flatMap((name) => [
    route(name, { namespace, hostnames: [`${name}.lab.example`] }),
    policy(
      name,
      {
        authorization: {
          rules: Array.from({ length: 64 }, (__, rule) => ({
            name: `rule-${rule}`,
            action: 'Deny',
            principal: [
              { attribute: 'Role', anyOf: [...Array(64).keys()].map((value) => `${value}-${'x'.repeat(16)}`) },
            ],
          })),
        },
      },
      namespace,
    ),
  ])
