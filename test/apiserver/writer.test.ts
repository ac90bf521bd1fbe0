import { group, version, type GatehouseKind } from '@gatehouse/crds'
import { fullSpecs } from '@gatehouse/crds/cases'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConditionReason } from '../../controller/src/compile/reasons.ts'
import { worldOf } from '../../controller/src/compile/worldOf.ts'
import type { Verdict } from '../../controller/src/compile/verdict.ts'
import type { KubeClient, KubeObject } from '../../controller/src/kube/client.ts'
import { createEventRecorder } from '../../controller/src/status/eventRecorder.ts'
import { StatusWriter, type Statements } from '../../controller/src/status/writer.ts'
import { startApiServer, type ApiServer } from '../cluster/apiserver.ts'
import { apiRequests, waitFor, type ApiRequests, type JsonBody } from './apiRequests.ts'
import { installCrds } from './crds.ts'
import { clock, kubeClient } from './kube.ts'

let server: ApiServer
let api: ApiRequests
let client: KubeClient

beforeAll(async () => {
  server = await startApiServer()
  api = apiRequests(server)
  client = kubeClient(server)
  await waitFor(api, '/api/v1/namespaces/default', ({ status }) => status === 200)
  await installCrds(api)
})
afterAll(async () => {
  await client.close()
  api.close()
  await server.close()
})

const plurals = { Gatehouse: 'gatehouses', GatewayRoute: 'gatewayroutes', AccessPolicy: 'accesspolicies' } as const
const collection = (kind: GatehouseKind): string => `/apis/${group}/${version}/namespaces/default/${plurals[kind]}`

async function read(kind: GatehouseKind, name: string): Promise<KubeObject> {
  return (await api.send('GET', `${collection(kind)}/${name}`)).body as KubeObject
}

async function create(kind: GatehouseKind, name: string): Promise<KubeObject> {
  const document = { apiVersion: `${group}/${version}`, kind, metadata: { name }, spec: fullSpecs[kind] }
  const { status, body } = await api.send('POST', collection(kind), document)
  if (status !== 201) throw new Error(`${kind} ${name}: ${String(body['message'])}`)
  return body as KubeObject
}

const metaOf = (object: KubeObject) =>
  object['metadata'] as { name: string; uid: string; resourceVersion: string; generation: number }

/** One installation's writer, with a word for what it says of an object. */
function installation(name: string) {
  const failures: unknown[] = []
  const fail = (failure: unknown): void => void failures.push(failure)
  const writer = new StatusWriter({
    client,
    authority: { term: () => 1 },
    controllerName: `gatehouse.dev/default/${name}`,
    clock,
    events: createEventRecorder({ client, instance: 'controller-0', clock, failed: fail }),
    failed: fail,
    settle: 0,
  })
  const ref = { group, kind: 'Gatehouse', namespace: 'default', name }
  const verdictOf = (object: KubeObject, reason: ConditionReason): Verdict => {
    const { name: own, uid, generation } = metaOf(object)
    const status = reason === 'Accepted' ? 'True' : 'False'
    const findings = [{ type: 'Accepted', status, reason, message: `words of ${name}` }] as const
    const kind = object['kind'] as Verdict['kind']
    const parents = [{ ref, findings, resources: ['route/x'] }]
    const listeners =
      kind === 'Gatehouse' ? [{ name: 'https', attachedRoutes: 2, findings, resources: ['route/x'] }] : []
    return { kind, namespace: 'default', name: own, uid, generation, parents, listeners, resources: [] }
  }
  const say = (reason: ConditionReason, ...objects: readonly KubeObject[]): Promise<void> => {
    const statements: Statements = {
      verdicts: objects.map((object) => verdictOf(object, reason)),
      world: worldOf(objects, 'FromMetadata'),
      fleet: {
        expected: 0,
        sessions: [],
        revision: 'a'.repeat(64),
        settling: false,
        dividedBy: 1,
        contentOf: () => null,
      },
      term: 1,
    }
    return writer.write(statements)
  }
  return { say, failures }
}

const eventsOf = async (uid: string): Promise<readonly JsonBody[]> => {
  const { body } = await api.send('GET', '/apis/events.k8s.io/v1/namespaces/default/events')
  const items = body['items'] as readonly { readonly regarding: { readonly uid: string } }[]
  return items.filter(({ regarding }) => regarding.uid === uid)
}

describe('the status writer and the API server', () => {
  it.each(['Gatehouse', 'GatewayRoute', 'AccessPolicy'] as const)('write the status of a %s, once', async (kind) => {
    const { say, failures } = installation('edge')
    const object = await create(kind, 'written')
    await say('Accepted', object)
    const written = await read(kind, 'written')
    expect(written['status']).toMatchObject({
      conditions: [
        { type: 'Accepted', status: 'True', observedGeneration: 1, message: 'words of edge' },
        { type: 'Programmed', status: 'False', reason: 'NoDataPlanes' },
      ],
    })
    expect(written['spec']).toEqual(object['spec'])
    await say('Accepted', object)
    await say('Accepted', written)
    expect(metaOf(await read(kind, 'written')).resourceVersion).toBe(metaOf(written).resourceVersion)
    expect(failures).toEqual([])
    expect(await eventsOf(metaOf(object).uid)).toEqual([])
  })

  it.each([
    ['Gatehouse', 'Apply'],
    ['GatewayRoute', 'Update'],
    ['AccessPolicy', 'Update'],
  ] as const)('name the writer of a %s, and how it wrote', async (kind, operation) => {
    const { managedFields } = (await read(kind, 'written'))['metadata'] as unknown as { managedFields: unknown[] }
    expect(managedFields).toContainEqual(
      expect.objectContaining({ manager: 'gatehouse-controller', operation, subresource: 'status' }),
    )
  })

  it('keep the entries of two installations that write at the same time', async () => {
    const [edge, inner] = [installation('edge'), installation('inner')]
    const object = await create('GatewayRoute', 'shared')
    const policy = await create('AccessPolicy', 'shared')
    await Promise.all([edge.say('Accepted', object, policy), inner.say('HostNotAllowed', object, policy)])
    const status = (await read('GatewayRoute', 'shared'))['status'] as unknown as {
      parents: { controllerName: string; conditions: unknown[] }[]
      conditions: unknown[]
    }
    expect(status.parents.map(({ controllerName }) => controllerName).toSorted()).toEqual([
      'gatehouse.dev/default/edge',
      'gatehouse.dev/default/inner',
    ])
    expect(status.conditions[0]).toMatchObject({ type: 'Accepted', status: 'False', reason: 'HostNotAllowed' })
    expect((await read('AccessPolicy', 'shared'))['status']).toMatchObject({ ancestors: [{}, {}], targetCount: 2 })
    expect([...edge.failures, ...inner.failures]).toEqual([])
  })

  it('tell a person once of what must be mended', async () => {
    const { say, failures } = installation('edge')
    const object = await create('GatewayRoute', 'broken')
    await say('NoMatchingParent', object)
    await say('NoMatchingParent', await read('GatewayRoute', 'broken'))
    expect(await eventsOf(metaOf(object).uid)).toMatchObject([
      {
        type: 'Warning',
        reason: 'NoMatchingParent',
        note: 'words of edge',
        reportingController: 'gatehouse.dev/controller',
        reportingInstance: 'controller-0',
        regarding: { kind: 'GatewayRoute', namespace: 'default', name: 'broken' },
      },
    ])
    expect(failures).toEqual([])
  })

  it('do not write to an object of the same name that was made anew, nor to one that is gone', async () => {
    const { say, failures } = installation('edge')
    const kinds = ['Gatehouse', 'GatewayRoute', 'AccessPolicy'] as const
    const before = await Promise.all(kinds.map((kind) => create(kind, 'anew')))
    for (const kind of kinds) await api.send('DELETE', `${collection(kind)}/anew`)
    await say('Accepted', ...before)
    for (const kind of kinds) await create(kind, 'anew')
    await say('Accepted', ...before)
    for (const kind of kinds) expect(await read(kind, 'anew')).not.toHaveProperty('status')
    expect(failures).toEqual([])
  })
})
