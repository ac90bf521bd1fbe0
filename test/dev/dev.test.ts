import { readdirSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { createAuthority, type Leaf } from '../support/authority.ts'
import { startBackend } from '../support/backend.ts'
import { childrenOf, isAlive, runCommand, startDev, type DevProcess } from './devProcess.ts'
import { manifests, noDeletes, publicPolicy, route } from './manifests.ts'
import { statusOf } from './statusOf.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function folderOf(files: Readonly<Record<string, string>>) {
  const folder = await manifests(files)
  closers.push(() => folder.close())
  return folder
}

async function devOn(folder: string, ...args: readonly string[]): Promise<DevProcess> {
  const dev = await startDev(['-f', folder, ...args])
  closers.push(() => dev.stop())
  return dev
}

async function backendFlag(): Promise<readonly string[]> {
  const backend = await startBackend()
  closers.push(() => backend.close())
  return ['--upstream', `shop/orders=127.0.0.1:${backend.port}`]
}

const gatehouse = (name: string): string => `apiVersion: gatehouse.dev/v1alpha1
kind: Gatehouse
metadata: {name: ${name}}
spec: {listeners: [{name: http, port: 8080, protocol: HTTP, default: true}]}
`

const httpsGatehouse = `apiVersion: gatehouse.dev/v1alpha1
kind: Gatehouse
metadata: {name: edge, namespace: shop}
spec:
  tenancy: Single
  listeners:
  - {name: https, port: 8443, protocol: HTTPS, default: true, tls: {certificateRefs: [{name: shop-tls}]}}
`

const tlsSecret = ({ certificate, privateKey }: Leaf) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'shop-tls', namespace: 'shop' },
  type: 'kubernetes.io/tls',
  stringData: { 'tls.crt': certificate, 'tls.key': privateKey },
})

const answerOf = (dev: DevProcess, method: string): Promise<number> => statusOf(`http://${dev.ready.http}/1`, method)

describe('gatehouse dev', () => {
  it('serves a folder: the ready line first, then a line for each decision, all else on standard error', async () => {
    const { folder } = await folderOf({ 'route.yaml': route, 'policy.yaml': publicPolicy('GET') })
    const dev = await devOn(folder, ...(await backendFlag()))
    const address = expect.stringMatching(/^127\.0\.0\.1:[1-9]\d*$/)
    const keySet = expect.stringMatching(/^http:\/\/127\.0\.0\.1:[1-9]\d*\/\.well-known\/gatehouse\/jwks\.json$/)
    expect(dev.ready).toEqual({ ready: true, http: address, https: null, admin: address, keySet })
    expect((await fetch(`http://${dev.ready.admin}/readyz`)).status).toBe(200)
    expect(await answerOf(dev, 'GET')).toBe(200)
    const decision = JSON.parse(await dev.out.at(1)) as Record<string, unknown>
    expect(decision).toMatchObject({ log: 'audit', status: 200, policy: 'shop/orders', item: 'everyone' })
    const err = dev.err.all.join('\n')
    expect(err).toContain('No Gatehouse in the folder')
    expect(err).toContain('namespace: gatehouse-dev')
    expect(err).toContain('"event":"published"')
    const { status, out } = await dev.stop()
    expect(status).toBe(0)
    expect(out.split('\n')).toHaveLength(2)
  })

  it('follows changes; what the API server would refuse keeps its previous version; a file that goes takes its objects', async () => {
    const files = { 'route.yaml': route, 'allow.yaml': publicPolicy('GET'), 'deny.yaml': noDeletes }
    const folder = await folderOf(files)
    const dev = await devOn(folder.folder, ...(await backendFlag()))
    expect(await answerOf(dev, 'DELETE')).toBe(403)

    await folder.write('allow.yaml', publicPolicy('GET, DELETE'))
    await dev.applied(1)
    expect(await answerOf(dev, 'DELETE')).toBe(403)

    // A lost Deny must never be an opening.
    await folder.write('deny.yaml', noDeletes.replace('action: Deny', 'action: Dney'))
    const complaint = await dev.err.first((line) => line.includes('deny.yaml:6: AccessPolicy shop/no-deletes'), 20_000)
    expect(complaint).toContain('stays in force')
    expect(await answerOf(dev, 'DELETE')).toBe(403)
    await folder.write('deny.yaml', 'apiVersion: [')
    await dev.err.first((line) => line.includes('deny.yaml:1: Flow sequence'), 20_000)
    expect(await answerOf(dev, 'DELETE')).toBe(403)

    await folder.remove('deny.yaml')
    await dev.applied(2)
    expect(await answerOf(dev, 'DELETE')).toBe(200)
    expect(dev.err.all.filter((line) => line.includes('"event":"config-applied"'))).toHaveLength(3)
  })

  it('names a port that turns out to be busy when the Gatehouse changes', async () => {
    const holder = createServer()
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
    closers.push(async () => holder.close())
    const { port } = holder.address() as AddressInfo
    const gatehouseOn = (more: string): string => gatehouse('edge').replace('default: true}', `default: true}${more}`)
    const folder = await folderOf({ 'gatehouse.yaml': gatehouseOn('') })
    const dev = await devOn(folder.folder)
    await folder.write('gatehouse.yaml', gatehouseOn(`, {name: more, port: ${port}, protocol: HTTP}`))
    const sentence = `gatehouse: 127.0.0.1:${port}, for listener/more, cannot be opened; choose another or free it`
    expect(await dev.err.first((line) => line.startsWith('gatehouse: 127'), 20_000)).toBe(sentence)
  })

  it('serves HTTPS with a certificate of the folder, where --https says', async () => {
    const authority = await createAuthority()
    const leaf = await authority.leaf({ dnsNames: ['api.shop.example'] })
    const { folder } = await folderOf({
      'gatehouse.yaml': httpsGatehouse,
      'tls.yaml': stringify(tlsSecret(leaf)),
      'route.yaml': route,
      'policy.yaml': publicPolicy('GET'),
    })
    const dev = await startDev(['-f', folder, '--https', '127.0.0.1:0', ...(await backendFlag())])
    closers.push(() => dev.stop())
    expect(dev.ready).toMatchObject({ http: null, https: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string })
    const trust = { ca: authority.certificate, servername: 'api.shop.example' }
    expect(await statusOf(`https://${dev.ready.https}/1`, 'GET', {}, trust)).toBe(200)
  })

  it('says what would protect a route without a policy, and what would open it', async () => {
    const { folder } = await folderOf({ 'route.yaml': route })
    const dev = await devOn(folder)
    const err = dev.err.all.join('\n')
    expect(err).toContain('route.yaml:7: GatewayRoute shop/orders: Protected=False NoPolicy')
    expect(err).toContain('This policy protects it')
    expect(err).toContain('This one makes it public')
    expect(await answerOf(dev, 'GET')).toBe(403)
  })

  it('keeps its certificates to itself while it runs, and leaves nothing behind', async () => {
    const scratch = await mkdtemp(join(tmpdir(), 'gatehouse-scratch-'))
    closers.push(() => rm(scratch, { recursive: true }))
    const { folder } = await folderOf({ 'route.yaml': route })
    const dev = await startDev(['-f', folder], { TMPDIR: scratch })
    const [own] = readdirSync(scratch).filter((name) => name.startsWith('gatehouse-dev-'))
    expect(statSync(join(scratch, own ?? '?')).mode & 0o777).toBe(0o700)
    const children = childrenOf(dev.child.pid ?? 0)
    expect(children).toHaveLength(2)
    expect((await dev.stop()).status).toBe(0)
    expect(children.filter(isAlive)).toEqual([])
    expect(readdirSync(scratch).filter((name) => name.startsWith('gatehouse-dev-'))).toEqual([])
  })

  it.each([0, 1])('ends with 1 when one of its processes dies, and takes the other along (%i)', async (index) => {
    const { folder } = await folderOf({ 'route.yaml': route })
    const dev = await startDev(['-f', folder])
    const children = childrenOf(dev.child.pid ?? 0)
    process.kill(children[index] ?? 0, 'SIGKILL')
    const { status, err } = await dev.ended
    expect(status).toBe(1)
    expect(err).toMatch(/the (controller|data plane) has ended, so dev ends too/)
    expect(children.filter(isAlive)).toEqual([])
  })

  it('leaves no process behind when it is killed', async () => {
    const { folder } = await folderOf({ 'route.yaml': route })
    const dev = await startDev(['-f', folder])
    const children = childrenOf(dev.child.pid ?? 0)
    dev.child.kill('SIGKILL')
    // The pipes close only when the last process that holds them has ended.
    await dev.ended
    await expect.poll(() => children.filter(isAlive), { timeout: 10_000 }).toEqual([])
  })
})

describe('gatehouse dev, before it starts', () => {
  it('names a busy port', async () => {
    const { folder } = await folderOf({ 'route.yaml': route })
    const holder = createServer()
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
    closers.push(async () => holder.close())
    const busy = `127.0.0.1:${(holder.address() as AddressInfo).port}`
    const http = await runCommand(['dev', '-f', folder, '--http', busy, '--admin', '127.0.0.1:0'])
    expect(http).toMatchObject({ status: 1, out: '' })
    expect(http.err).toContain(`gatehouse: ${busy}, for listener http`)
    expect(http.err).toContain('is in use')
    const admin = await runCommand(['dev', '-f', folder, '--http', '127.0.0.1:0', '--admin', busy])
    expect(admin).toMatchObject({ status: 1, out: '' })
    expect(admin.err).toContain(`gatehouse: ${busy}, for the admin server`)
  })

  it('names every document that the API server would refuse, with its line', async () => {
    const { folder } = await folderOf({
      'route.yaml': `${route}---\n${publicPolicy('GET').replace('anyOf', 'anyof')}`,
      'broken.yaml': 'kind: [',
    })
    const { status, out, err } = await runCommand(['dev', '-f', folder, '--http', '127.0.0.1:0'])
    expect({ status, out }).toEqual({ status: 1, out: '' })
    expect(err).toMatch(/broken\.yaml:1: Flow sequence/)
    expect(err).toMatch(/route\.yaml:14: AccessPolicy shop\/orders: \/spec\/authentication\/anyof is not a known field/)
  })

  it.each([
    ['a listener that is not there', ['--https', '127.0.0.1:0'], 1, '--https moves the first HTTPS listener'],
    ['a flag that is not there', ['--htp', '127.0.0.1:0'], 64, "Unknown option '--htp'"],
    ['an address without a port', ['--http', '127.0.0.1'], 64, '--http needs ADDR:PORT'],
    ['an upstream without a namespace', ['--upstream', 'orders=127.0.0.1:1'], 64, '--upstream needs NAMESPACE/SERVICE'],
  ])('refuses %s', async (_, args, expected, sentence) => {
    const { folder } = await folderOf({ 'route.yaml': route })
    const { status, out, err } = await runCommand(['dev', '-f', folder, '--admin', '127.0.0.1:0', ...args])
    expect({ status, out }).toEqual({ status: expected, out: '' })
    expect(err).toContain(sentence)
  })

  it('refuses two Gatehouses, and a folder that is not there', async () => {
    const { folder } = await folderOf({ 'a.yaml': gatehouse('a'), 'b.yaml': gatehouse('b') })
    const two = await runCommand(['dev', '-f', folder])
    expect(two).toMatchObject({ status: 1 })
    expect(two.err).toMatch(/a\.yaml:1 and .*b\.yaml:1/)
    const none = await runCommand(['dev', '-f', join(folder, 'nothing')])
    expect(none).toMatchObject({ status: 1 })
    expect(none.err).toContain('nothing: there is no such folder')
  })
})
