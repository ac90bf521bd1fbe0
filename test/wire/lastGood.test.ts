import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seal, type LastGood, type Resource, type SealedResource } from '@gatehouse/contract'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startDataplane, type Dataplane } from '../../dataplane/src/runtime.ts'
import { startBackend, type Backend } from '../support/backend.ts'
import { startTestController, type TestController, type TestControllerOptions } from '../support/controller.ts'
import { startDataplaneProcess } from '../support/dataplaneProcess.ts'
import { captureLogs, type CapturedLogs } from '../support/logs.ts'
import {
  createPushChannel,
  credentialsFolder,
  type CredentialsFolder,
  type PushChannel,
} from '../support/pushChannel.ts'
import { sendRaw } from '../support/raw.ts'
import {
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
} from '../support/resources.ts'
import { installation } from './follower.ts'

const cleanups: (() => Promise<unknown>)[] = []
let channel: PushChannel
let credentials: CredentialsFolder
let folder: string
let backend: Backend
let shop: readonly Resource[]

beforeEach(async () => {
  channel = await createPushChannel(installation)
  credentials = await credentialsFolder(channel.authority.certificate, channel.dataplane, channel.signing)
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-last-good-'))
  backend = await startBackend()
  const { certificate, privateKey } = await channel.authority.leaf({ dnsNames: ['api.shop.example'] })
  const tls = {
    certificates: ['shop/tls'],
    minVersion: 'TLS1_3' as const,
    clientCertificate: { mode: 'Off' as const, trust: null },
  }
  shop = [
    listenerResource(),
    listenerResource({ protocol: 'HTTPS', tls }, 'https'),
    { kind: 'certificate', name: 'shop/tls', spec: { chain: certificate, privateKey } },
    ...upstreamResources('orders', [backend]),
    policyResource(),
    routeResource([ruleTo('orders')], { listeners: ['http', 'https'] }),
  ]
  cleanups.push(backend.close, credentials.remove, () => rm(folder, { recursive: true, force: true }))
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const configuration = (lastGood: LastGood = { secrets: 'Keep', maxAge: 0 }): SealedResource[] =>
  [installationResource({ lastGood }), ...shop].map(seal)

async function controller(options: TestControllerOptions = {}): Promise<TestController> {
  const started = await startTestController(channel, options)
  cleanups.push(started.close)
  return started
}

const term = (value: number): TestControllerOptions => ({ authority: { term: () => value } })

interface Started {
  readonly dataplane: Dataplane
  readonly logs: CapturedLogs
  status(listener?: string): Promise<number>
  metric(name: string): Promise<number>
}

async function start(...controllers: readonly string[]): Promise<Started> {
  const logs = captureLogs()
  const config = {
    ...{ installation, controllers, instance: 'dp-0', zone: null, perRouteMetrics: false },
    pushDirectory: credentials.path,
    pushToken: null,
    lastGood: folder,
    admin: { address: '127.0.0.1', port: 0 },
    logs: { security: true, audit: true },
    overloadPercent: 90,
    drain: { delay: 0, deadline: 1000 },
  }
  const dataplane = await startDataplane(config, { sink: logs.sink })
  cleanups.push(dataplane.close)
  const request = 'GET /orders HTTP/1.1\r\nHost: api.shop.example\r\nConnection: close\r\n\r\n'
  return {
    dataplane,
    logs,
    status: async (name = 'http') => {
      const bound = dataplane.bound().find((listener) => listener.name === name)
      if (bound === undefined) return 0
      const tls = { ca: channel.authority.certificate, servername: 'api.shop.example' }
      const { responses } = await sendRaw(bound, request, name === 'https' ? { tls } : {})
      return responses[0]!.status
    },
    metric: async (name) => {
      const page = await (await fetch(`http://127.0.0.1:${dataplane.admin.port}/metrics`)).text()
      return Number(new RegExp(`^${name} (.*)$`, 'm').exec(page)?.[1])
    },
  }
}

/** No controller has ever listened here. */
const nobody = '127.0.0.1:1'

const eventIn = ({ logs }: Started, name: string) => logs.lines.first(({ event }) => event === name)

/** A data plane that has taken this configuration from a controller, kept it and ended; so has the controller. */
async function keep(lastGood?: LastGood, options?: TestControllerOptions): Promise<string> {
  const leader = await startTestController(channel, options)
  const started = await start(leader.address)
  const { revision } = await leader.publish(configuration(lastGood))
  await started.dataplane.close()
  cleanups.pop()
  await leader.close()
  return revision!
}

describe('a data plane that starts without a controller', () => {
  it('is not ready when it has kept nothing, or has nowhere to keep it', async () => {
    const { dataplane } = await start(nobody)
    expect(dataplane.ready()).toBe(false)
    await rm(folder, { recursive: true })
    const leader = await controller()
    const started = await start(leader.address)
    await leader.publish(configuration())
    expect(await eventIn(started, 'last-good-failed')).toMatchObject({ level: 'error', code: 'ENOENT' })
    expect(await started.status()).toBe(200)
  })

  it('serves what it served last, says so, and goes on with a controller without a second look', async () => {
    const revision = await keep(undefined, term(5))
    const leader = await controller(term(6))
    const started = await start(leader.address)
    expect(await eventIn(started, 'config-restored')).toMatchObject({ level: 'warn', revision })
    expect(started.dataplane.ready()).toBe(true)
    expect([await started.status(), await started.status('https')]).toEqual([200, 200])
    expect(await started.metric('gatehouse_config_restored')).toBe(1)
    expect(await started.metric('gatehouse_config_age_seconds')).toBeGreaterThan(0)
    const before = started.dataplane.gateway()
    await leader.publish(configuration())
    expect(started.dataplane.gateway()).toBe(before)
    expect(await started.metric('gatehouse_config_restored')).toBe(0)
  })

  it('refuses a leader of an earlier term than that of what it kept', async () => {
    await keep(undefined, term(5))
    const old = await controller(term(4))
    const started = await start(old.address)
    old.push.publish({ revision: '0'.repeat(64), resources: new Map() })
    expect(await eventIn(started, 'config-nacked')).toMatchObject({ code: 'StaleTerm' })
    expect(await started.status()).toBe(200)
  })

  it('keeps TLS closed and is not ready when secrets are not kept, until a controller answers', async () => {
    await keep({ secrets: 'Omit', maxAge: 0 })
    await expect(access(join(folder, 'secrets.jsonl'))).rejects.toThrow()
    const leader = await controller()
    const started = await start(leader.address)
    await eventIn(started, 'config-partly-restored')
    expect(started.dataplane.ready()).toBe(false)
    expect([await started.status(), await started.status('https')]).toEqual([200, 0])
    await leader.publish(configuration({ secrets: 'Omit', maxAge: 0 }))
    expect(started.dataplane.ready()).toBe(true)
    expect([await started.status(), await started.status('https')]).toEqual([200, 200])
  })

  it.each<[string, (text: string) => string, string]>([
    ['is torn', (text) => text.slice(0, -20), 'MALFORMED'],
    [
      'was opened to everybody by somebody without the key',
      (text) => text.replace('"plaintextCredentials":"Allow"', '"plaintextCredentials":"Refuse"'),
      'HASH_MISMATCH',
    ],
    ['says another time', (text) => text.replace(/"issuedAt":\d/, '"issuedAt":9'), 'BAD_SIGNATURE'],
  ])('serves nothing from a file that %s', async (_, change, code) => {
    await keep()
    const file = join(folder, 'configuration.jsonl')
    await writeFile(file, change(await readFile(file, 'utf8')))
    const started = await start(nobody)
    expect(await eventIn(started, 'last-good-refused')).toMatchObject({ level: 'error', code })
    expect(started.dataplane.ready()).toBe(false)
    expect(started.dataplane.bound()).toEqual([])
  })

  it('serves nothing that was signed for another installation, or by another key', async () => {
    await keep()
    const other = await credentialsFolder(
      channel.authority.certificate,
      channel.dataplane,
      (await createPushChannel(installation)).signing,
    )
    cleanups.push(other.remove)
    await credentials.write('signing.pub', await readFile(join(other.path, 'signing.pub'), 'utf8'))
    expect(await eventIn(await start(nobody), 'last-good-refused')).toMatchObject({ code: 'BAD_SIGNATURE' })
  })
})

describe('a configuration with a limit to its age', () => {
  it('stays while the leader lives, ends after it, and comes again with the next', async () => {
    const leader = await startTestController(channel)
    let next: number | null = null
    const another = await controller({ authority: { term: () => next } })
    const started = await start(leader.address, another.address)
    const limited = configuration({ secrets: 'Keep', maxAge: 900 })
    await leader.publish(limited)
    const confirmed = async (): Promise<void> => {
      const page = await (await fetch(`http://127.0.0.1:${started.dataplane.admin.port}/metrics`)).text()
      expect(page).toMatch(/config_updates_total\{result="confirmed"\} [4-9]/)
    }
    await vi.waitFor(confirmed, { timeout: 10_000, interval: 20 })
    expect(await started.status()).toBe(200)
    await leader.close()
    await eventIn(started, 'config-expired')
    expect(started.dataplane.ready()).toBe(false)
    await vi.waitFor(() => expect(started.dataplane.bound()).toEqual([]))
    const late = await start(nobody)
    expect(await eventIn(late, 'last-good-refused')).toMatchObject({ code: 'TOO_OLD' })
    expect(late.dataplane.ready()).toBe(false)
    next = Date.now() + 1
    await another.publish(limited)
    await vi.waitFor(() => expect(started.dataplane.ready()).toBe(true), { timeout: 10_000, interval: 10 })
    expect(await started.status()).toBe(200)
  })
})

describe('the process of a data plane', () => {
  it('serves again after it was killed, without a controller', async () => {
    const leader = await startTestController(channel)
    const options = {
      installation,
      controllers: [leader.address],
      pushDirectory: credentials.path,
      environment: { GATEHOUSE_LAST_GOOD: folder },
    }
    const first = startDataplaneProcess(options)
    const { revision } = await leader.publish(configuration())
    const kept = async (): Promise<void> =>
      expect(await readFile(join(folder, 'secrets.jsonl'), 'utf8')).toContain(revision)
    await vi.waitFor(kept, { timeout: 10_000, interval: 10 })
    await leader.close()
    const ended = new Promise((resolve) => first.child.on('exit', resolve))
    first.child.kill('SIGKILL')
    await ended
    const second = startDataplaneProcess(options)
    cleanups.push(() => second.stop())
    const request = 'GET /orders HTTP/1.1\r\nHost: api.shop.example\r\nConnection: close\r\n\r\n'
    const tls = { ca: channel.authority.certificate, servername: 'api.shop.example' }
    const answers = [
      await sendRaw(await second.listener('http'), request),
      await sendRaw(await second.listener('https'), request, { tls }),
    ]
    expect(answers.map(({ responses }) => responses[0]?.status)).toEqual([200, 200])
    expect((await fetch(`${await second.admin()}/readyz`)).status).toBe(200)
    expect(second.lines.all).toContainEqual(expect.objectContaining({ event: 'config-restored', revision }))
  })
})
