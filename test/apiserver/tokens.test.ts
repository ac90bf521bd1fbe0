import { pushAudience } from '@gatehouse/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KubeClient } from '../../controller/src/kube/client.ts'
import { tokenReview } from '../../controller/src/kube/tokenReview.ts'
import { startApiServer, type ApiServer } from '../cluster/apiserver.ts'
import { apiRequests, waitFor, type ApiRequests } from './apiRequests.ts'
import { kubeClient } from './kube.ts'

const account = { namespace: 'gatehouse-system', name: 'edge-dataplane' }
const core = '/api/v1/namespaces'

let server: ApiServer
let api: ApiRequests
let client: KubeClient

const text = (value: unknown): string => String(value)

async function created(path: string, object: object): Promise<{ readonly uid: string }> {
  const { status, body } = await api.send('POST', path, object)
  expect(status).toBe(201)
  return { uid: text((body['metadata'] as Record<string, unknown>)['uid']) }
}

const serviceAccount = (namespace: string, name: string) =>
  created(`${core}/${namespace}/serviceaccounts`, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } })

const pod = (name: string, serviceAccountName = account.name) =>
  created(`${core}/${account.namespace}/pods`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { serviceAccountName, containers: [{ name: 'dataplane', image: 'none' }] },
  })

interface Wanted {
  readonly account?: string
  readonly audience?: string
  /** Null = bound to no Pod. */
  readonly pod: { readonly name: string; readonly uid: string } | null
}

/** As the kubelet asks for a projected token. */
async function token({ account: name = account.name, audience = pushAudience, pod: bound }: Wanted): Promise<string> {
  const boundObjectRef = bound && { kind: 'Pod', apiVersion: 'v1', ...bound }
  const { body } = await api.send('POST', `${core}/${account.namespace}/serviceaccounts/${name}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { audiences: [audience], expirationSeconds: 600, ...(boundObjectRef && { boundObjectRef }) },
  })
  return text((body['status'] as Record<string, unknown>)['token'])
}

let own: { readonly name: string; readonly uid: string }

beforeAll(async () => {
  server = await startApiServer()
  api = apiRequests(server)
  client = kubeClient(server)
  await waitFor(api, `${core}/default`, ({ status }) => status === 200)
  await created(core, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: account.namespace } })
  await serviceAccount(account.namespace, account.name)
  await serviceAccount(account.namespace, 'other')
  own = { name: 'dp-0', ...(await pod('dp-0')) }
})
afterAll(async () => {
  await client.close()
  api.close()
  await server.close()
})

describe('the token of a data plane', () => {
  const isOf = (given: string | null, instance: string) => tokenReview(client, account)(given, instance)

  it('shows which Pod it is', async () => {
    const given = await token({ pod: own })
    expect(await isOf(given, 'dp-0')).toBe(true)
    expect(await isOf(given, 'dp-1')).toBe(false)
  })

  it('is refused when it is of another ServiceAccount, for another audience or of no Pod', async () => {
    const stranger = { name: 'stranger', ...(await pod('stranger', 'other')) }
    expect(await isOf(await token({ account: 'other', pod: stranger }), 'stranger')).toBe(false)
    expect(await isOf(await token({ audience: 'https://kubernetes.default.svc', pod: own }), 'dp-0')).toBe(false)
    expect(await isOf(await token({ pod: null }), 'dp-0')).toBe(false)
  })

  it('is refused when it is none, or changed', async () => {
    const given = await token({ pod: own })
    expect(await isOf(null, 'dp-0')).toBe(false)
    expect(await isOf('none', 'dp-0')).toBe(false)
    expect(await isOf(given.replace(/\.[^.]*$/, '.AAAA'), 'dp-0')).toBe(false)
  })

  it('ends with its Pod', async () => {
    const gone = { name: 'gone', ...(await pod('gone')) }
    const given = await token({ pod: gone })
    // Not asked before: an API server believes for ten seconds what it has believed once.
    await api.send('DELETE', `${core}/${account.namespace}/pods/gone`)
    await waitFor(api, `${core}/${account.namespace}/pods/gone`, ({ status }) => status === 404)
    expect(await isOf(given, 'gone')).toBe(false)
  })

  it('cannot be checked by a controller that may not ask', async () => {
    const powerless = new KubeClient({
      url: server.url,
      prepare: () => Promise.reject(Object.assign(new Error('away'), { code: 'ECONNREFUSED' })),
      close: () => Promise.resolve(),
    })
    await expect(tokenReview(powerless, account)('any', 'dp-0')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})
