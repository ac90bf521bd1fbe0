import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AccessError, kubeAccess, type Access } from './access.ts'
import { KubeClient } from './client.ts'

let folder: string
let server: Server
let connections: number
const accesses: Access[] = []
const authorizations: (string | undefined)[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-kubeconfig-'))
  connections = 0
  authorizations.length = 0
  server = createServer((request, response) => {
    authorizations.push(request.headers.authorization)
    response.end('{"kind":"Thing"}')
  })
  server.on('connection', () => connections++)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterEach(async () => {
  for (const access of accesses.splice(0)) await access.close()
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true })
})

const file = (name: string): string => join(folder, name)
const serverUrl = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

/** Writes a kubeconfig whose current context has this cluster and user. */
async function kubeconfig(cluster: object, user: object = {}, context = 'here'): Promise<string> {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': context,
    clusters: [{ name: 'here', cluster }],
    users: [{ name: 'me', user }],
    contexts: [{ name: 'here', context: { cluster: 'here', user: 'me' } }],
  }
  await writeFile(file('config'), JSON.stringify(config))
  return file('config')
}

function open(path: string): Access {
  const access = kubeAccess(path)
  accesses.push(access)
  return access
}

const plain = (url: string): object => ({ server: url, 'insecure-skip-tls-verify': true })

describe('kubeAccess', () => {
  it('says who asks, over connections that are kept', async () => {
    const client = new KubeClient(open(await kubeconfig(plain(`${serverUrl()}//`), { token: 'abc' })))
    for (let count = 0; count < 5; count++) expect(await client.get('/thing')).toEqual({ kind: 'Thing' })
    expect(authorizations).toEqual(Array.from({ length: 5 }, () => 'Bearer abc'))
    // A request that begins while the answer before it is being ended takes a second one.
    expect(connections).toBeLessThanOrEqual(2)
  })

  it('takes a name and a password', async () => {
    const access = open(await kubeconfig(plain(serverUrl()), { username: 'me', password: 'p:w' }))
    const { headers } = await access.prepare()
    expect(headers['authorization']).toBe(`Basic ${Buffer.from('me:p:w').toString('base64')}`)
  })

  it('opens new connections when a certificate was renewed, and only then', async () => {
    await writeFile(file('tls.crt'), 'one')
    await writeFile(file('tls.key'), 'one')
    const user = { 'client-certificate': file('tls.crt'), 'client-key': file('tls.key') }
    const access = open(await kubeconfig({ server: 'https://127.0.0.1:1' }, user))
    const { dispatcher } = await access.prepare()
    expect((await access.prepare()).dispatcher).toBe(dispatcher)
    await writeFile(file('tls.crt'), 'two')
    expect((await access.prepare()).dispatcher).not.toBe(dispatcher)
  })

  it.each<[string, object, string]>([
    ['a server without TLS', { server: 'http://127.0.0.1:1' }, 'without TLS'],
    ['a server that is no URL', { server: 'nowhere' }, 'no current context'],
    ['a proxy', { server: 'https://127.0.0.1:1', 'proxy-url': 'http://127.0.0.1:2' }, 'proxy-url'],
  ])('refuses %s', async (_, cluster, text) => {
    const path = await kubeconfig(cluster)
    expect(() => open(path)).toThrow(AccessError)
    expect(() => open(path)).toThrow(text)
  })

  it('names the kubeconfig that is missing, no kubeconfig, or without a context', async () => {
    expect(() => open(file('missing'))).toThrow(file('missing'))
    await writeFile(file('config'), '{')
    expect(() => open(file('config'))).toThrow(AccessError)
    const elsewhere = await kubeconfig(plain(serverUrl()), {}, 'elsewhere')
    expect(() => open(elsewhere)).toThrow('current-context')
  })
})
