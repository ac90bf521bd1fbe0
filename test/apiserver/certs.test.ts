import { spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mintFor } from '../../controller/src/certs/mint.ts'
import { renewCertificates, type RenewOptions } from '../../controller/src/certs/renew.ts'
import { kubeAccess } from '../../controller/src/kube/access.ts'
import { KubeClient } from '../../controller/src/kube/client.ts'
import { secretsIn } from '../../controller/src/kube/secrets.ts'
import { startApiServer, type ApiServer } from '../cluster/apiserver.ts'
import type { LogLine } from '../support/logs.ts'
import { apiRequests, waitFor, type ApiRequests, type JsonBody } from './apiRequests.ts'

const main = fileURLToPath(new URL('../../controller/src/main.ts', import.meta.url))
const day = 86_400_000
const namespace = 'gatehouse-system'
const roles = ['authority', 'controller', 'dataplane'] as const

let server: ApiServer
let api: ApiRequests

beforeAll(async () => {
  server = await startApiServer()
  api = apiRequests(server)
  await waitFor(api, '/api/v1/namespaces/default', ({ status }) => status === 200)
  await api.send('POST', '/api/v1/namespaces', { metadata: { name: namespace } })
})
afterAll(async () => {
  api.close()
  await server.close()
})

interface Ended {
  readonly status: number
  /** Event, code and object of each log line. */
  readonly lines: readonly (readonly unknown[])[]
  readonly errors: string
}

/** Runs the program to its end. */
async function run(name: string, environment: NodeJS.ProcessEnv = {}, ...words: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...(words.length > 0 ? words : ['certs'])], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      KUBECONFIG: server.kubeconfigPath,
      GATEHOUSE_INSTALLATION: `${namespace}/${name}`,
      ...environment,
    },
  })
  const [output, errors, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  const logged = output.split('\n').filter((line) => line !== '')
  const lines = logged
    .map((line) => JSON.parse(line) as LogLine)
    .map((line) => [line['event'], line['code'], line['object']])
  return { status: Number(status), lines, errors }
}

const path = (name: string, role: string): string => `/api/v1/namespaces/${namespace}/secrets/${name}-push-${role}`

async function secretsOf(name: string): Promise<readonly JsonBody[]> {
  const answers = await Promise.all(roles.map((role) => api.send('GET', path(name, role))))
  return answers.map(({ body }) => body)
}

async function leafOf(name: string): Promise<X509Certificate> {
  const { body } = await api.send('GET', path(name, 'controller'))
  const { 'tls.crt': base64 = '' } = body['data'] as Readonly<Record<string, string>>
  return new X509Certificate(Buffer.from(base64, 'base64'))
}

/** What the program does, in this process: with another clock, or as somebody else. */
async function renew(name: string, options: Partial<RenewOptions> & { kubeconfigPath?: string } = {}): Promise<void> {
  const client = new KubeClient(kubeAccess(options.kubeconfigPath ?? server.kubeconfigPath))
  const installation = { namespace, name }
  try {
    await renewCertificates({
      installation,
      source: 'Own',
      secrets: secretsIn(namespace, client),
      mint: mintFor(installation),
      clock: { now: () => Date.now(), monotonic: () => performance.now() },
      log: () => {},
      mayCreate: true,
      mayWrite: () => true,
      ...options,
    })
  } finally {
    await client.close()
  }
}

const changed = (name: string, role: string, action: string): readonly string[] => [
  'certificates-changed',
  action,
  `Secret ${namespace}/${name}-push-${role}`,
]
/** The keys that tokens for backends are signed with; the certificates of the channel do not need them. */
const madeTokenKeys = (name: string): readonly string[] => [
  'certificates-changed',
  'CREATE',
  `Secret ${namespace}/${name}-token-keys`,
]
const current = ['certificates-current', null, null]

describe('controller certs', () => {
  it('makes the Secrets, and changes nothing the second time', async () => {
    const first = await run('edge')
    expect(first).toEqual({
      status: 0,
      errors: '',
      lines: [
        changed('edge', 'authority', 'MAKE_AUTHORITY'),
        changed('edge', 'dataplane', 'CREATE'),
        changed('edge', 'controller', 'CREATE'),
        madeTokenKeys('edge'),
        current,
      ],
    })
    const secrets = await secretsOf('edge')
    expect(secrets.map((secret) => secret['type'])).toEqual(roles.map((role) => `gatehouse.dev/push-${role}`))
    expect(await run('edge')).toEqual({ status: 0, errors: '', lines: [current] })
    expect(await secretsOf('edge')).toEqual(secrets)
  })

  it('ends well when it runs three times at once', async () => {
    const runs = await Promise.all([run('busy'), run('busy'), run('busy')])
    expect(runs.map(({ status, errors }) => [status, errors])).toEqual([
      [0, ''],
      [0, ''],
      [0, ''],
    ])
    const changes = runs.flatMap(({ lines }) => lines).filter(([event]) => event === 'certificates-changed')
    expect(changes).toHaveLength(4)
    expect(await run('busy')).toMatchObject({ lines: [current] })
  })

  it('renews a leaf two thirds through its life', async () => {
    const made = Date.now() - 61 * day
    await renew('old', { clock: { now: () => made, monotonic: () => performance.now() } })
    const before = await leafOf('old')
    const { status, lines } = await run('old')
    expect(status).toBe(0)
    expect(lines).toEqual([
      changed('old', 'dataplane', 'ISSUE_LEAF'),
      changed('old', 'controller', 'ISSUE_LEAF'),
      madeTokenKeys('old'),
      current,
    ])
    const after = await leafOf('old')
    expect(after.validToDate.getTime() - before.validToDate.getTime()).toBeGreaterThanOrEqual(61 * day - 1000)
  })

  it('reads again when somebody changed a Secret after it was read', async () => {
    const made = Date.now() - 61 * day
    await renew('raced', { clock: { now: () => made, monotonic: () => performance.now() } })
    let conflicts = 0
    const client = new KubeClient(kubeAccess(server.kubeconfigPath))
    const secrets = secretsIn(namespace, client)
    await renew('raced', {
      secrets: {
        ...secrets,
        update: async (secret, changes) => {
          if (conflicts === 0)
            await api.send('PATCH', path('raced', 'dataplane'), { metadata: { labels: { other: 'kept' } } })
          const written = await secrets.update(secret, changes)
          if (written === 'conflict') conflicts += 1
          return written
        },
      },
    })
    await client.close()
    expect(conflicts).toBe(1)
    const { body } = await api.send('GET', path('raced', 'dataplane'))
    expect(body['metadata']).toMatchObject({ labels: { other: 'kept' } })
    expect(await run('raced')).toMatchObject({ lines: [madeTokenKeys('raced'), current] })
  })

  it('leaves the leaves alone when they come from elsewhere', async () => {
    const { status } = await run('external', { GATEHOUSE_PUSH_CERTIFICATES: 'External' })
    expect(status).toBe(0)
    const secrets = await secretsOf('external')
    expect(secrets.map((secret) => Object.keys(secret['data'] as object).toSorted())).toEqual([
      ['signing-next.key', 'signing.key'],
      ['signing.key'],
      ['signing.pub'],
    ])
  })
})

describe('controller certs refuses', () => {
  it('a Secret that is not ours, with a sentence and without touching anything', async () => {
    await api.send('POST', `/api/v1/namespaces/${namespace}/secrets`, {
      metadata: { name: 'taken-push-dataplane' },
      stringData: { 'tls.crt': 'theirs' },
    })
    const { status, lines, errors } = await run('taken')
    const object = `Secret ${namespace}/taken-push-dataplane`
    expect([status, lines]).toEqual([1, [['certificates-refused', 'FOREIGN', object]]])
    expect(errors).toMatch(new RegExp(`^${object} was not made for this installation.+\\.\n$`))
    expect((await secretsOf('taken')).map((secret) => secret['type'] ?? null)).toEqual([null, null, 'Opaque'])
  })

  it('an authority that it cannot read', async () => {
    await run('broken')
    await api.send('PATCH', path('broken', 'authority'), { data: { 'ca.key': 'bm9uc2Vuc2U=' } })
    const before = await secretsOf('broken')
    const { status, lines, errors } = await run('broken')
    const object = `Secret ${namespace}/broken-push-authority`
    expect([status, lines]).toEqual([1, [['certificates-refused', 'DAMAGED_CA_KEY', object]]])
    expect(errors).toContain('restore the Secret from a backup')
    expect(await secretsOf('broken')).toEqual(before)
  })

  it('a namespace that does not exist, and settings that are wrong', async () => {
    const missing = await run('edge', { GATEHOUSE_INSTALLATION: 'nowhere/edge' })
    expect([missing.status, missing.lines]).toEqual([1, [['certificates-failed', 'HTTP_404', null]]])
    expect(missing.errors).toContain('the namespace exists')
    const unset = await run('edge', { GATEHOUSE_INSTALLATION: undefined })
    expect([unset.status, unset.errors]).toEqual([
      78,
      'GATEHOUSE_INSTALLATION is missing or wrong; set it to namespace/name of the object\n',
    ])
    const mistyped = await run('edge', {}, 'cert')
    expect([mistyped.status, mistyped.errors]).toEqual([
      78,
      'The only command is certs; without one the controller runs\n',
    ])
  })
})

describe('permissions', () => {
  /** A kubeconfig of a ServiceAccount that may do this with the four Secrets. */
  async function account(name: string, mayCreate: boolean): Promise<string> {
    const secrets = { apiGroups: [''], resources: ['secrets'] }
    const resourceNames = [...roles.map((role) => `${name}-push-${role}`), `${name}-token-keys`]
    const named = { ...secrets, verbs: ['get', 'update'], resourceNames }
    const rules = [named, ...(mayCreate ? [{ ...secrets, verbs: ['create'] }] : [])]
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`
    const as = `${name}-${mayCreate ? 'job' : 'leader'}`
    await api.send('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name: as } })
    await api.send('POST', `${rbac}/roles`, { metadata: { name: as }, rules })
    await api.send('POST', `${rbac}/rolebindings`, {
      metadata: { name: as },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: as },
      subjects: [{ kind: 'ServiceAccount', name: as, namespace }],
    })
    const token = (await server.kubectl(['create', 'token', as, '-n', namespace])).stdout.trim()
    const folder = dirname(server.kubeconfigPath)
    const file = join(folder, `${as}.kubeconfig`)
    const cluster = { server: server.url, 'certificate-authority': join(folder, 'ca.crt') }
    const config = {
      'current-context': 'test',
      clusters: [{ name: 'test', cluster }],
      users: [{ name: as, user: { token } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: as } }],
    }
    await writeFile(file, JSON.stringify(config))
    return file
  }

  it('of the Job and of a leader are enough, and a leader needs the Job to create', async () => {
    const leader = await account('bound', false)
    const forbidden = await run('bound', { KUBECONFIG: leader })
    expect([forbidden.status, forbidden.lines]).toEqual([1, [['certificates-failed', 'HTTP_403', null]]])
    expect(forbidden.errors).toContain('allow get, create and update')
    await expect(renew('bound', { kubeconfigPath: leader, mayCreate: false })).rejects.toMatchObject({
      code: 'SECRET_MISSING',
    })
    expect((await run('bound', { KUBECONFIG: await account('bound', true) })).status).toBe(0)
    const before = await leafOf('bound')
    const later = Date.now() + 61 * day
    const clock = { now: () => later, monotonic: () => performance.now() }
    await renew('bound', { kubeconfigPath: leader, mayCreate: false, clock })
    expect((await leafOf('bound')).serialNumber).not.toBe(before.serialNumber)
  })
})
