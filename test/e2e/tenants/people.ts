import type { ApiServer } from '../../cluster/apiserver.ts'
import { chartCases, objectsOf } from '../../charts/cases.ts'
import { accountKubeconfig, userOf, type Account } from '../../apiserver/accounts.ts'
import type { ApiRequests } from '../../apiserver/apiRequests.ts'

/** Namespaces of the hostile tenant. Put before a name with a hyphen, the second looks like the victim's. */
export const hostile = { home: 'other', lab: 'shop-lab' } as const

/** Everybody who asks the API server for something; `operator` is the hostile tenant with more rights than most give. */
export const accounts = {
  platform: { namespace: 'gatehouse-system', name: 'platform' },
  shop: { namespace: 'shop', name: 'shop' },
  other: { namespace: hostile.home, name: 'other' },
  operator: { namespace: hostile.home, name: 'operator' },
} as const satisfies { readonly [person: string]: Account }

export type Person = keyof typeof accounts
export const people = Object.keys(accounts) as readonly Person[]

const rbac = 'rbac.authorization.k8s.io'
const all = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']
const roleName = (role: 'platform' | 'team'): string => `gatehouse:gatehouse-system:edge:${role}`

const subject = (person: Person) => [{ kind: 'ServiceAccount', ...accounts[person] }]

const bound = (kind: 'ClusterRole' | 'Role', role: string, person: Person, namespace?: string): object => ({
  apiVersion: `${rbac}/v1`,
  kind: namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
  metadata: { name: `${person}-${kind.toLowerCase()}`, ...(namespace !== undefined && { namespace }) },
  roleRef: { apiGroup: rbac, kind, name: role },
  subjects: subject(person),
})

const role = (namespace: string, name: string, apiGroup: string, resources: readonly string[]): object => ({
  apiVersion: `${rbac}/v1`,
  kind: 'Role',
  metadata: { name, namespace },
  rules: [{ apiGroups: [apiGroup], resources, verbs: all }],
})

/** What `edit` of Kubernetes gives, as far as it concerns a gateway, and the chart's team. */
const tenant = (person: Person, namespace: string): readonly object[] => [
  role(namespace, `${person}-edit`, '', ['services', 'configmaps', 'secrets']),
  bound('Role', `${person}-edit`, person, namespace),
  bound('ClusterRole', roleName('team'), person, namespace),
]

const operator = (namespace: string): readonly object[] =>
  [
    role(namespace, 'operator-slices', 'discovery.k8s.io', ['endpointslices']),
    role(namespace, 'operator-grants', 'gateway.networking.k8s.io', ['referencegrants']),
  ].flatMap((one, index) => [
    one,
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata: { name: `operator-${index}`, namespace },
      roleRef: { apiGroup: rbac, kind: 'Role', name: ['operator-slices', 'operator-grants'][index] },
      subjects: subject('operator'),
    },
  ])

/** The chart's ClusterRoles for people, the accounts, and who has which. */
async function rights(): Promise<readonly object[]> {
  const chart = chartCases.find(({ name }) => name === 'quickstart')!
  const roles = (await objectsOf(chart)).filter(({ kind, metadata }) => {
    return kind === 'ClusterRole' && /:(platform|team|auditor)$/.test(metadata.name)
  })
  return [
    ...roles,
    ...people.map((person) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: accounts[person] })),
    bound('ClusterRole', roleName('platform'), 'platform'),
    ...tenant('shop', 'shop'),
    ...[hostile.home, hostile.lab].flatMap((namespace) => tenant('other', namespace)),
    ...tenant('operator', hostile.home),
    ...operator(hostile.home),
  ]
}

/** One of the last things that each binding permits: `person namespace group resource`. */
const permitted = [
  'platform shop gateway.networking.k8s.io referencegrants',
  'shop shop gatehouse.dev accesspolicies',
  ...[hostile.home, hostile.lab].flatMap((namespace) => [
    `other ${namespace} core services`,
    `other ${namespace} gatehouse.dev accesspolicies`,
  ]),
  `operator ${hostile.home} gatehouse.dev accesspolicies`,
  `operator ${hostile.home} discovery.k8s.io endpointslices`,
  `operator ${hostile.home} gateway.networking.k8s.io referencegrants`,
]

/** Whether the API server's authorizer knows of a binding; it learns of it by a watch. */
async function known(api: ApiRequests, question: string): Promise<boolean> {
  const [person = '', namespace, group, resource] = question.split(' ')
  const resourceAttributes = { verb: 'create', namespace, group: group === 'core' ? '' : group, resource }
  const { body } = await api.send('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user: userOf(accounts[person as Person]), resourceAttributes },
  })
  return (body['status'] as { readonly allowed: boolean }).allowed
}

/** Kubeconfigs of the people, in a folder, once the API server knows what they may do. */
export async function admit(
  server: ApiServer,
  api: ApiRequests,
  folder: string,
): Promise<Readonly<Record<Person, string>>> {
  const objects = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: hostile.lab } }, ...(await rights())]
  await server.kubectl(['create', '-f', '-'], objects.map((one) => JSON.stringify(one)).join('\n---\n'))
  for (const question of permitted) while (!(await known(api, question)));
  const files = await Promise.all(people.map((person) => accountKubeconfig(server, api, accounts[person], { folder })))
  return Object.fromEntries(people.map((person, index) => [person, files[index]!])) as Record<Person, string>
}
