import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from './devProcess.ts'
import { manifests, publicPolicy, route } from './manifests.ts'

const quickstart = ['quickstart-dev', 'quickstart'].flatMap((folder) => [
  '-f',
  fileURLToPath(new URL(`../../examples/${folder}`, import.meta.url)),
])

const levels = ['-f', fileURLToPath(new URL('../../examples/levels', import.meta.url))]
const actions = ['-f', fileURLToPath(new URL('../../examples/actions', import.meta.url))]
const abuse = ['-f', fileURLToPath(new URL('../../examples/abuse', import.meta.url))]
const upstreams = ['-f', fileURLToPath(new URL('../../examples/upstreams', import.meta.url))]

let data: string
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'gatehouse-data-'))
})
afterAll(() => rm(data, { recursive: true }))

const token = (...args: readonly string[]) => runCommand(['token', ...args], { XDG_DATA_HOME: data })

describe('gatehouse', () => {
  it.each([
    ['--help'],
    ['dev', '--help'],
    ['check', '-h'],
    ['status', '--help'],
    ['quota', '--help'],
    ['token', '--help'],
    ['keys', '--help'],
  ])('%s %s prints help', async (...args) => {
    const { status, out, err } = await runCommand(args)
    expect({ status, err }).toEqual({ status: 0, err: '' })
    expect(out).toContain('Usage: gatehouse')
  })

  it('does not call an empty folder good', async () => {
    const folder = await mkdtemp(join(data, 'empty-'))
    const { status, out, err } = await runCommand(['check', '-f', folder])
    expect({ status, out, err }).toEqual({
      status: 2,
      out: '',
      err: `gatehouse: there is nothing to check in ${folder}`,
    })
  })

  it.each([
    [[], 'a command is needed'],
    [['serve'], '"serve" is no command'],
    [['check', '--folders', 'a'], "Unknown option '--folders'"],
    [['check'], '-f DIR is needed'],
    [['check', '-f', 'a', '-o', 'yaml'], '-o needs table or json'],
    [['status', '-o', 'yaml'], '-o needs table or json'],
    [['status', 'edge', 'internal'], 'status takes one name'],
    [['token', '--expires-in', 'soon'], '--expires-in needs a time'],
    [['token', '--config-map', 'a/b'], '--config-map needs --jwks'],
  ])('answers %j with one sentence and 64', async (args, sentence) => {
    const { status, out, err } = await runCommand(args)
    expect({ status, out }).toEqual({ status: 64, out: '' })
    expect(err.split('\n')).toEqual([expect.stringContaining(`gatehouse: ${sentence}`)])
  })
})

describe('gatehouse token', () => {
  it('signs with a key that only this user can read, and prints the key set that verifies it', async () => {
    const [signed, keys] = [await token('--audience', 'orders', '--role', 'admin'), await token('--jwks')]
    const keySet = JSON.parse(keys.out) as JSONWebKeySet
    expect(keys.out).not.toContain('"d"')
    const { payload } = await jwtVerify(signed.out, createLocalJWKSet(keySet), { audience: 'orders' })
    expect(payload).toMatchObject({ iss: 'https://dev.gatehouse.invalid', sub: 'dev', roles: ['admin'] })
    expect(decodeProtectedHeader(signed.out)).toMatchObject({ alg: 'ES256', typ: 'at+jwt', kid: keySet.keys[0]?.kid })
    expect((await stat(join(data, 'gatehouse', 'dev-key.json'))).mode & 0o777).toBe(0o600)
  })

  it('makes one key, also when asked by several at once', async () => {
    const fresh = { XDG_DATA_HOME: join(data, 'fresh') }
    const runs = await Promise.all([1, 2, 3].map(() => runCommand(['token', '--jwks'], fresh)))
    expect(new Set(runs.map(({ out }) => out)).size).toBe(1)
    expect(runs.map(({ status }) => status)).toEqual([0, 0, 0])
  })
})

describe('gatehouse check', () => {
  it('finds one thing wrong with the quick start: the route that has no policy', async () => {
    const { status, out } = await runCommand(['check', ...quickstart])
    expect(status).toBe(1)
    expect(out.match(/False\/\w+/g)).toEqual(['False/NoPolicy'])
    expect(out.match(/Unknown\/\w+/g)).toEqual(['Unknown/NotInFolder'])
    expect(out).toContain('GatewayRoute shop/reports has no policy')
  })

  it('finds nothing wrong with the example of levels but what its tenant sets beyond the bounds', async () => {
    const { status, out } = await runCommand(['check', ...levels])
    expect(status).toBe(0)
    expect(out.match(/\w+=True \w+/g)).toEqual(['Overridden=True BeyondBounds'])
    const tests = await runCommand(['test', ...levels])
    expect(tests).toMatchObject({ status: 0, err: '' })
    expect(tests.out).toContain('10 as expected, 0 not')
  })

  it('does not call a folder good in which a rule is refused', async () => {
    const broken = route.replace('name: orders, backend', 'name: orders, requestHeaders: {remove: [Host]}, backend')
    const written = await manifests({ 'route.yaml': broken, 'policy.yaml': publicPolicy('GET') })
    const { status, out } = await runCommand(['check', '-f', written.folder])
    await written.close()
    expect({ status, wrong: out.match(/\w+=False \w+/g) }).toEqual({ status: 1, wrong: null })
    expect(out).toContain('PartiallyInvalid=True HeaderReserved')
  })

  it.each([
    ['backends', upstreams],
    ['abuse', abuse],
    ['actions', actions],
  ])('finds nothing wrong with the example of %s', async (_name, folder) => {
    const { status, out } = await runCommand(['check', ...folder])
    expect({ status, wrong: out.match(/\w+=False \w+/g) }).toEqual({ status: 0, wrong: null })
    expect(await runCommand(['test', ...folder])).toMatchObject({ status: 0, err: '' })
  })

  it('ends with 2 when something cannot be read, and with 0 when nothing is wrong', async () => {
    const folder = await manifests({ 'a.yaml': 'kind: [' })
    const broken = await runCommand(['check', '-f', folder.folder, '-o', 'json'])
    expect(broken.status).toBe(2)
    expect(JSON.parse(broken.out)).toMatchObject({ objects: [], unreadable: [{ line: 1 }] })
    await folder.write('a.yaml', 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n')
    expect(await runCommand(['check', '-f', folder.folder])).toMatchObject({ status: 0, err: '' })
    await folder.write('b.yaml', route.replace('hostnames', 'hostname'))
    const refused = await runCommand(['check', '-f', folder.folder])
    expect(refused.status).toBe(1)
    expect(refused.out).toMatch(
      /b\.yaml:5: GatewayRoute shop\/orders: Accepted=False Invalid: \/spec\/hostname is not a/,
    )
    await folder.close()
  })
})
