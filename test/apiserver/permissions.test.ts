import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startApiServer, type ApiServer } from '../cluster/apiserver.ts'
import type { AuditedRequest } from '../cluster/auditLog.ts'
import { createPushChannel, credentialsFolder, type CredentialsFolder } from '../support/pushChannel.ts'
import { accountKubeconfig, userOf } from './accounts.ts'
import { apiRequests, waitFor, type ApiRequests } from './apiRequests.ts'
import { conditionOf, reasonOf } from './conditions.ts'
import { startControllerProcess, type ControllerProcess } from './controllerProcess.ts'
import { installCrds } from './crds.ts'
import { installationRoles, watchedRole } from './roles.ts'
import { gatehouse } from './shop.ts'

const installation = { namespace: 'gatehouse-system', name: 'edge' }
const account = { namespace: 'gatehouse-system', name: 'edge-controller' }
/** Whose Secrets the controller is told to read; it has no Role in the last one. */
const watched = ['gatehouse-system', 'shop', 'pay']

let server: ApiServer
let api: ApiRequests
let folder: string
let credentials: CredentialsFolder
let controller: ControllerProcess

const apply = async (documents: readonly object[]): Promise<void> => {
  await server.kubectl(['apply', '-f', '-'], documents.map((document) => JSON.stringify(document)).join('\n---\n'))
}
const namespaceOf = (name: string): object => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
const policyPath = (namespace: string): string =>
  `/apis/gatehouse.dev/v1alpha1/namespaces/${namespace}/accesspolicies/keys`

/** A route of a namespace, whose policy asks for the keys of a Secret there. */
const withKeys = (namespace: string): readonly object[] => [
  {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'gatehouse.dev/api-keys',
    metadata: { namespace, name: 'keys', labels: { keys: 'all' } },
    stringData: { partner: JSON.stringify({ keyHash: `sha256:${'0'.repeat(64)}` }) },
  },
  {
    apiVersion: 'gatehouse.dev/v1alpha1',
    kind: 'GatewayRoute',
    metadata: { namespace, name: 'orders' },
    spec: {
      hostnames: [`${namespace}.example`],
      rules: [{ name: 'all', backendRefs: [{ name: 'orders', port: 80 }] }],
    },
  },
  {
    apiVersion: 'gatehouse.dev/v1alpha1',
    kind: 'AccessPolicy',
    metadata: { namespace, name: 'keys' },
    spec: {
      targetRefs: [{ group: 'gatehouse.dev', kind: 'GatewayRoute', name: 'orders' }],
      authentication: {
        anyOf: [
          {
            name: 'keys',
            apiKey: { from: [{ header: 'x-api-key' }], secretSelector: { matchLabels: { keys: 'all' } } },
          },
        ],
      },
      authorization: {
        rules: [{ name: 'all', action: 'Allow', methods: ['*'], principal: [{ attribute: 'Authenticated' }] }],
      },
    },
  },
]

beforeAll(async () => {
  server = await startApiServer({ audit: true })
  api = apiRequests(server)
  await waitFor(api, '/api/v1/namespaces/default', ({ status }) => status === 200)
  await installCrds(api)
  await apply([...watched, 'docs'].map(namespaceOf))
  await apply([...installationRoles(installation.namespace, installation.name, [account]), gatehouse])
  await apply([...watchedRole('gatehouse-system', [account]), ...watchedRole('shop', [account])])
  await apply(['shop', 'pay', 'docs'].flatMap(withKeys))
  const channel = await createPushChannel(installation)
  credentials = await credentialsFolder(channel.authority.certificate, channel.controller, channel.signing)
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-accounts-'))
  controller = startControllerProcess({
    kubeconfigPath: await accountKubeconfig(server, api, account, { folder }),
    installation: 'gatehouse-system/edge',
    pushDirectory: credentials.path,
    lease: 'gatehouse-system/edge-controller',
    watchNamespaces: watched.join(','),
  })
})
afterAll(async () => {
  await controller.stop()
  api.close()
  await server.close()
  await credentials.remove()
  await rm(folder, { recursive: true })
})

/** What was asked in the controller's name: `verb resource namespace`, with the name where there is one. */
async function asked(isIt: (request: AuditedRequest) => boolean = () => true): Promise<readonly string[]> {
  const requests = (await server.audited()).filter(({ user }) => user.username === userOf(account)).filter(isIt)
  const words = requests.map(({ verb, objectRef }) => {
    const { apiGroup, resource = '', subresource, namespace = '*' } = objectRef ?? {}
    const name = resource === 'leases' || resource === 'customresourcedefinitions' ? ` ${objectRef?.name ?? '*'}` : ''
    const kind = `${resource}${apiGroup ? `.${apiGroup}` : ''}${subresource ? `/${subresource}` : ''}`
    return `${verb} ${kind} ${namespace}${name}`
  })
  return [...new Set(words)].toSorted()
}

const readsOf = (resource: string, namespace = '*'): readonly string[] =>
  ['list', 'watch'].map((verb) => `${verb} ${resource} ${namespace}`)

describe('a controller with the permissions of an installation', () => {
  it('is ready though a namespace withholds its Role, and pushes nothing before it knows that', async () => {
    await controller.lines.first(({ event }) => event === 'published', 60_000)
    const events = controller.lines.all.map(({ event }) => event)
    expect(events.indexOf('namespace-refused')).toBeGreaterThan(0)
    expect(events.indexOf('namespace-refused')).toBeLessThan(events.indexOf('published'))
    expect((await fetch(`${await controller.admin()}/readyz`)).status).toBe(200)
  })

  it('resolves what lies in a watched namespace, and says of the others that they are not', async () => {
    const resolved = await reasonOf(api, policyPath('shop'), 'ResolvedRefs', 'ResolvedRefs')
    expect(conditionOf(resolved, 'ResolvedRefs')?.status).toBe('True')
    for (const namespace of ['pay', 'docs']) {
      const policy = await reasonOf(api, policyPath(namespace), 'ResolvedRefs', 'NamespaceNotWatched')
      expect(conditionOf(policy, 'ResolvedRefs')?.status).toBe('False')
    }
  })

  it('reads a namespace by itself once it has its Role there', async () => {
    await apply(watchedRole('pay', [account]))
    await reasonOf(api, policyPath('pay'), 'ResolvedRefs', 'ResolvedRefs')
    await controller.lines.first(({ event }) => event === 'namespace-readable')
  })

  it('asks for nothing that it may not do, but for what one namespace withheld', async () => {
    const refused = await asked(({ responseStatus }) => responseStatus.code === 403)
    expect(refused).toEqual(['list configmaps pay', 'list secrets pay'])
  })

  it('asks for nothing but this', async () => {
    const own = ['gatehouses', 'gatewayroutes', 'accesspolicies'].map((plural) => `${plural}.gatehouse.dev`)
    const reads = [
      ...[...own, 'services', 'namespaces', 'endpointslices.discovery.k8s.io'].flatMap((kind) => readsOf(kind)),
      ...watched.flatMap((namespace) => [...readsOf('secrets', namespace), ...readsOf('configmaps', namespace)]),
      // This API server is without the Gateway API.
      'list referencegrants.gateway.networking.k8s.io *',
      ...own.map((name) => `get customresourcedefinitions.apiextensions.k8s.io * ${name}`),
    ]
    const writes = [
      'patch gatehouses.gatehouse.dev/status gatehouse-system',
      ...['shop', 'pay', 'docs'].flatMap((namespace) => [
        `update gatewayroutes.gatehouse.dev/status ${namespace}`,
        `update accesspolicies.gatehouse.dev/status ${namespace}`,
        `create events.events.k8s.io ${namespace}`,
      ]),
      ...['get', 'update'].map((verb) => `${verb} leases.coordination.k8s.io gatehouse-system edge-controller`),
    ]
    // Read again where somebody else wrote at the same time, which may not happen.
    const all = (await asked()).filter((one) => !/^get \w+\.gatehouse\.dev/.test(one))
    expect(all).toEqual([...reads, ...writes].toSorted())
  })
})
