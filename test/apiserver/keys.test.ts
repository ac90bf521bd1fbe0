import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startApiServer, type ApiServer } from '../cluster/apiserver.ts'
import { startCommandLine, type Ended } from '../dev/commandLine.ts'
import { keyHashOf } from '../support/keyHash.ts'
import { accountKubeconfig } from './accounts.ts'
import { apiRequests, waitFor, type ApiRequests } from './apiRequests.ts'

const gatehouse = fileURLToPath(new URL('../../cli/bin/gatehouse', import.meta.url))

let server: ApiServer
let api: ApiRequests
let folder: string

const apply = (...documents: readonly object[]) =>
  server.kubectl(['apply', '-f', '-'], documents.map((document) => JSON.stringify(document)).join('\n---\n'))

beforeAll(async () => {
  server = await startApiServer()
  api = apiRequests(server)
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-keys-'))
  await waitFor(api, '/api/v1/namespaces/default', ({ status }) => status === 200)
  await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } })
})
afterAll(async () => {
  api.close()
  await server.close()
  await rm(folder, { recursive: true })
})

const keys = (args: readonly string[], kubeconfig = server.kubeconfigPath): Promise<Ended> =>
  startCommandLine([gatehouse, 'keys', ...args, '-n', 'shop'], { KUBECONFIG: kubeconfig }).ended

const secretPath = (name: string): string => `/api/v1/namespaces/shop/secrets/${name}`

interface Entry {
  readonly keyHash?: string
  readonly keys?: readonly { readonly keyHash: string; readonly expiresAt?: string }[]
}

/** The entry of a client, as the API server has it. */
async function entryOf(secret: string, client: string): Promise<Entry | null> {
  const { body } = await api.send('GET', secretPath(secret))
  const base64 = (body['data'] as Readonly<Record<string, string>> | undefined)?.[client]
  return base64 === undefined ? null : (JSON.parse(Buffer.from(base64, 'base64').toString()) as Entry)
}

describe('gatehouse keys', () => {
  it('creates, rotates, lists and revokes', async () => {
    const first = await keys([
      'create',
      'acme',
      '-s',
      'partners',
      '-l',
      'team=shop',
      '--plan',
      'gold',
      '--role',
      'reader',
    ])
    expect(first).toMatchObject({ status: 0, out: expect.stringMatching(/^ghk_[0-9A-Za-z]{38}$/) as unknown })
    const { body } = await api.send('GET', secretPath('partners'))
    expect(body).toMatchObject({ type: 'gatehouse.dev/api-keys', metadata: { labels: { team: 'shop' } } })
    expect(await entryOf('partners', 'acme')).toMatchObject({ keyHash: keyHashOf(first.out), plan: 'gold' })

    const second = await keys(['rotate', 'acme', '-s', 'partners', '--expires-in', '90d'])
    expect(await entryOf('partners', 'acme')).toMatchObject({
      keys: [
        { keyHash: keyHashOf(first.out), expiresAt: expect.any(String) as unknown },
        { keyHash: keyHashOf(second.out) },
      ],
      plan: 'gold',
    })

    await keys(['create', 'other', '-s', 'more'])
    const list = await keys(['list'])
    expect(list.out.split('\n').map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
      ['CLIENT', 'SECRET', 'STATE'],
      ['other', 'more', 'valid'],
      ['acme', 'partners', 'valid'],
      ['acme', 'partners', 'valid'],
    ])
    expect(list.out).not.toContain('sha256')
    expect((await keys(['list', '-s', 'partners'])).out).not.toContain('other')

    expect(await keys(['revoke', 'acme', '-s', 'partners', '--old'])).toMatchObject({ status: 0, out: '' })
    expect(await entryOf('partners', 'acme')).toMatchObject({ keyHash: keyHashOf(second.out) })
    expect(await keys(['revoke', 'acme', '-s', 'partners'])).toMatchObject({ status: 0, out: '' })
    expect(await entryOf('partners', 'acme')).toBeNull()
  })

  it('loses no change when many are made at once', async () => {
    const clients = ['a', 'b', 'c']
    const made = await Promise.all(clients.map((client) => keys(['create', client, '-s', 'busy'])))
    for (const [index, { status, out }] of made.entries()) {
      expect(status).toBe(0)
      expect(await entryOf('busy', clients[index]!)).toMatchObject({ keyHash: keyHashOf(out) })
    }
  })

  it('leaves alone what is no Secret of API keys', async () => {
    await apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: 'shop', name: 'plain' },
      data: { a: 'YQ==' },
    })
    const err = 'gatehouse: the Secret shop/plain is not of type gatehouse.dev/api-keys'
    for (const args of [['create', 'b'], ['revoke', 'a'], ['list']]) {
      expect(await keys([...args, '-s', 'plain'])).toEqual({ status: 2, out: '', err })
    }
  })

  it('says what is missing', async () => {
    expect(await keys(['revoke', 'acme', '-s', 'nowhere'])).toEqual({
      status: 2,
      out: '',
      err: 'gatehouse: there is no Secret shop/nowhere; gatehouse keys create makes it',
    })
    expect(await keys(['create', 'acme', '-s', 'x', '--kubeconfig', '/nowhere'])).toMatchObject({ status: 2, out: '' })
  })

  it('says what its user may not do, and what its user may do is enough in one namespace', async () => {
    const account = { namespace: 'shop', name: 'clerk' }
    const metadata = { ...account }
    const role = (verbs: readonly string[]) => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata,
      rules: [{ apiGroups: [''], resources: ['secrets'], verbs }],
    })
    await apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata }, role(['list']), {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'clerk' },
      subjects: [{ kind: 'ServiceAccount', ...account }],
    })
    const clerk = await accountKubeconfig(server, api, account, { folder })
    await waitFor(api, '/api/v1/namespaces/shop/serviceaccounts/clerk', ({ status }) => status === 200)
    expect(await keys(['create', 'acme', '-s', 'clerks'], clerk)).toEqual({
      status: 2,
      out: '',
      err: 'gatehouse: the user of the kubeconfig may not get Secrets in namespace shop',
    })
    await apply(role(['get', 'list', 'create', 'update']))
    for (let status: number | null = null; status !== 0;) {
      const listed = await keys(['list', '-s', 'more'], clerk)
      status = listed.status
    }
    expect(await keys(['create', 'acme', '-s', 'clerks'], clerk)).toMatchObject({ status: 0 })
    expect(await keys(['rotate', 'acme', '-s', 'clerks'], clerk)).toMatchObject({ status: 0 })
    expect(await keys(['revoke', 'acme', '-s', 'clerks'], clerk)).toMatchObject({ status: 0 })
  })
})
