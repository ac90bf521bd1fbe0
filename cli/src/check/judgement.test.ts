import { describe, expect, it } from 'vitest'
import { folderWith } from '../folder/contentFixture.ts'
import { judge, type Judgement } from './judgement.ts'
import { tableOf } from './table.ts'

const judged = (text: string): Judgement => judge(folderWith(text))

/** `Type=Status/Reason` by kind and name. */
const summary = ({ objects }: Judgement): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    objects.map(({ kind, name, conditions }) => [
      `${kind} ${name}`,
      conditions.map(({ type, status, reason }) => `${type}=${status}/${reason}`),
    ]),
  )

const own = (kind: string, name: string, spec: string): string =>
  `apiVersion: gatehouse.dev/v1alpha1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: shop}\nspec: ${spec}\n---\n`
const backend = 'backendRefs: [{name: orders, port: 80}]'
const route = (name: string, more = ''): string =>
  own('GatewayRoute', name, `{${more}hostnames: [${name}.example], rules: [{name: all, ${backend}}]}`)
const policy = (target: string, jwks = 'uri: https://idp.example/jwks'): string =>
  own(
    'AccessPolicy',
    target,
    `{targetRefs: [{group: gatehouse.dev, kind: GatewayRoute, name: ${target}}],
  authentication: {anyOf: [{name: a, jwt: {issuer: i, audiences: [a], algorithms: [ES256], jwks: {${jwks}}}}]},
  authorization: {rules: [{name: all, action: Allow, methods: [GET], principal: [{attribute: Authenticated}]}]},
  forward: {identityHeaders: [{name: x-who, from: Subject}]}}`,
  )
const gatehouse = own(
  'Gatehouse',
  'edge',
  '{tenancy: Single, listeners: [{name: http, port: 80, protocol: HTTP, default: true, plaintextCredentials: Allow}]}',
)

describe('judge', () => {
  it('leaves to a cluster what only a cluster knows', () => {
    expect(summary(judged(route('orders') + policy('orders')))).toEqual({
      'GatewayRoute orders': [
        'Accepted=Unknown/NotInFolder',
        'ResolvedRefs=Unknown/NotInFolder',
        'Protected=True/Protected',
      ],
      'AccessPolicy orders': ['Accepted=True/Accepted', 'ResolvedRefs=True/ResolvedRefs'],
    })
    const missing = judged(policy('orders', 'configMapRef: {name: keys}'))
    expect(summary(missing)).toMatchObject({
      'AccessPolicy orders': ['Accepted=Unknown/NotInFolder', 'ResolvedRefs=Unknown/NotAccepted'],
    })
  })

  const wide = (namespace: string, ...targets: readonly string[]): string =>
    `apiVersion: gatehouse.dev/v1alpha1\nkind: AccessPolicy\nmetadata: {name: wide, namespace: ${namespace}}
spec:
  targetRefs: [${targets.join(', ')}]
  authentication: {anyOf: [{name: public, anonymous: {}}]}
  authorization: {rules: [{name: all, action: Allow, methods: [GET], principal: [{attribute: Anyone}]}]}\n---\n`
  const installation = '{group: gatehouse.dev, kind: Gatehouse, name: edge}'
  const otherNamespace = '{group: "", kind: Namespace, name: shop}'

  it('takes a Gatehouse that policies speak of for the one that routes are on', () => {
    for (const target of [installation, otherNamespace]) {
      const { advice, ...rest } = judged(route('orders') + wide('gatehouse-system', target))
      expect(summary({ advice, ...rest })).toMatchObject({
        'AccessPolicy wide': expect.arrayContaining(['Accepted=Unknown/NotInFolder']) as unknown,
        'GatewayRoute orders': expect.arrayContaining(['Protected=True/Protected']) as unknown,
      })
      expect(advice).toEqual([])
    }
  })

  it('knows which policies a Gatehouse in the folder lets target it, and namespaces', () => {
    const edge = gatehouse.replace('namespace: shop', 'namespace: gatehouse-system')
    const allowed = judged(edge + route('orders') + wide('gatehouse-system', installation, otherNamespace))
    expect(summary(allowed)).toMatchObject({
      'AccessPolicy wide': ['Accepted=True/Accepted', 'ResolvedRefs=True/ResolvedRefs'],
    })
    for (const target of [installation, otherNamespace]) {
      const { objects } = judged(edge + route('orders') + wide('lab', target))
      const [accepted] = objects.find(({ kind }) => kind === 'AccessPolicy')!.conditions
      expect(accepted).toMatchObject({ status: 'False', reason: 'TargetNotAllowed' })
    }
  })

  it('knows what a Gatehouse in the folder forbids', () => {
    const { objects } = judged(gatehouse + route('orders') + policy('orders'))
    const conditions = objects.find(({ kind }) => kind === 'AccessPolicy')?.conditions
    expect(conditions).toContainEqual(
      expect.objectContaining({ type: 'ResolvedRefs', status: 'False', reason: 'OutboundNotAllowed', line: 15 }),
    )
  })

  it('leaves out nothing of what every installation has: keys to sign requests with', () => {
    const signed = route('orders').replace('port: 80', 'port: 80, auth: {type: SignedToken, audience: orders}')
    const [object] = judged(gatehouse + signed).objects.filter(({ kind }) => kind === 'GatewayRoute')
    const places = object?.conditions.filter(({ message }) => message.includes('/auth'))
    expect(places).toEqual([])
  })

  it('lets policies ask the servers that only the real Gatehouse could forbid', () => {
    const asking = policy('orders').replace(
      /jwt: .*?\}\}/,
      'introspection: {url: "https://idp.example/introspect", clientSecretRef: {name: idp}, issuer: i, audiences: [a]}',
    )
    expect(summary(judged(route('orders') + asking))['AccessPolicy orders']).toContain(
      'ResolvedRefs=Unknown/NotInFolder',
    )
  })

  it('judges a route by each Gatehouse that it names, whether it is there or not', () => {
    const both = judged(
      gatehouse +
        route('here', 'parentRefs: [{name: edge}], ') +
        route('there', 'parentRefs: [{name: other, sectionName: https}], '),
    )
    expect(summary(both)).toMatchObject({
      'GatewayRoute here': ['Accepted=True/Accepted', expect.anything(), 'Protected=False/NoPolicy'],
      'GatewayRoute there': ['Accepted=Unknown/NotInFolder', expect.anything(), 'Protected=False/NoPolicy'],
    })
    expect(both.advice).toHaveLength(2)
    const policies = judged(
      gatehouse +
        route('here', 'parentRefs: [{name: edge}], ') +
        route('there', 'parentRefs: [{name: other}], ') +
        policy('here', 'configMapRef: {name: keys}') +
        policy('there'),
    )
    expect(summary(policies)).toMatchObject({
      'AccessPolicy here': ['Accepted=True/Accepted', 'ResolvedRefs=Unknown/NotInFolder', expect.anything()],
      'AccessPolicy there': ['Accepted=True/Accepted', 'ResolvedRefs=True/ResolvedRefs'],
    })
    const nowhere = judged(gatehouse + route('here', 'parentRefs: [{name: edge, sectionName: https}], '))
    expect(summary(nowhere)['GatewayRoute here']?.[0]).toBe('Accepted=False/NoMatchingParent')
  })

  it('names the object, the line and the field of what the API server would refuse', () => {
    const { objects, unreadable } = judged(`${route('orders').replace('hostnames', 'hosts')}kind: [`)
    expect(objects).toMatchObject([{ kind: 'GatewayRoute', namespace: 'shop', name: 'orders', line: 4 }])
    expect(objects[0]?.conditions.map(({ message }) => message)).toContain('/spec/hosts is not a known field')
    expect(unreadable).toMatchObject([{ file: 'a.yaml', line: 6 }])
  })
})

describe('tableOf', () => {
  it('names the place of a document that does not say what it is, and the objects that are not there', () => {
    const table = tableOf(judged(`${policy('orders', 'configMapRef: {name: keys}')}metadata: {name: a}\n`))
    expect(table).toContain(
      'a.yaml:9: a document without kind or name: Accepted=False Invalid: /apiVersion is required',
    )
    expect(table).toContain(': /spec/targetRefs/0 (GatewayRoute orders)')
    const served = tableOf(judged(route('orders') + policy('orders', 'configMapRef: {name: keys}')))
    expect(served).toContain(': /spec/parentRefs (a Gatehouse)')
    expect(served).toContain('/jwks/configMapRef (ConfigMap shop/keys)')
    expect(served).toContain(': /spec/rules/0/backendRefs/0 (Service shop/orders:80)')
  })

  it('has a row for each object and a line for what is wrong', () => {
    const table = tableOf(judged(route('orders')))
    expect(table.split('\n').slice(0, 3)).toEqual([
      'PLACE     KIND          NAME         ACCEPTED             RESOLVEDREFS         PROTECTED',
      'a.yaml:1  GatewayRoute  shop/orders  Unknown/NotInFolder  Unknown/NotInFolder  False/NoPolicy',
      expect.stringMatching(/^a\.yaml:4: GatewayRoute shop\/orders: Accepted=Unknown NotInFolder: /),
    ])
  })
})
