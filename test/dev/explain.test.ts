import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from './devProcess.ts'

const quickstart = fileURLToPath(new URL('../../examples/quickstart', import.meta.url))
const url = 'https://api.shop.example/orders/7'
const ada = { iss: 'https://login.shop.example', aud: 'shop', sub: 'ada', tenant: 'acme', roles: ['customer'] }

let folder: string
const inFolder = (name: string) => join(folder, name)
const written = async (name: string, text: string): Promise<string> => {
  await writeFile(inFolder(name), text)
  return inFolder(name)
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-explain-'))
})
afterAll(() => rm(folder, { recursive: true }))

const route = `apiVersion: gatehouse.dev/v1alpha1
kind: GatewayRoute
metadata: {name: orders, namespace: shop}
spec: {hostnames: [api.shop.example], rules: [{name: all, backendRefs: [{name: orders, port: 80}]}]}
`
const policy = (rules: string, more = ''): string => `---
apiVersion: gatehouse.dev/v1alpha1
kind: AccessPolicy
metadata: {name: orders, namespace: shop}
spec:
  targetRefs: [{group: gatehouse.dev, kind: GatewayRoute, name: orders}]${more}
  authentication: {anyOf: [{name: public, anonymous: {}}]}
  authorization: {rules: [${rules}]}
`
const anyone = '{name: all, action: Allow, methods: ["*"], principal: [{attribute: Anyone}]}'
const noDeletes = '{name: no-deletes, action: Deny, methods: [DELETE]}'

async function folderOf(name: string, text: string): Promise<string> {
  await mkdir(inFolder(name), { recursive: true })
  await writeFile(join(inFolder(name), 'a.yaml'), text)
  return inFolder(name)
}

describe('gatehouse explain', () => {
  it.each([
    ['v1/orders/7?a=1', 'answered by the gateway: 308 to /v2/orders/7'],
    ['docs', 'answered by the gateway: 302 to https://docs.shop.example/orders'],
    ['status', 'answered by the gateway: 200'],
    ['v2/orders/7?a=1', 'goes to a backend as /orders/7'],
  ])('says what becomes of %s', async (path, expected) => {
    const actions = fileURLToPath(new URL('../../examples/actions', import.meta.url))
    const said = await runCommand(['explain', '-f', actions, '--url', `http://api.shop.example/${path}`])
    expect(said).toMatchObject({ status: 0, err: '' })
    expect(said.out.split('\n')).toContain(expected)
  })

  it('says who decided, and what stood in the way', async () => {
    const claims = await written('claims.json', JSON.stringify(ada))
    const read = await runCommand(['explain', '-f', quickstart, '--url', url, '--claims', claims])
    expect(read.out).toContain('allowed by read of shop/orders (GatewayRoute)')
    expect(read.out).toContain('note: --claims stands for a token whose signature was verified')
    expect(read.status).toBe(0)
    const args = ['explain', '-f', quickstart, '--url', url, '--method', 'DELETE', '--claims', claims]
    const deleted = await runCommand([...args, '-o', 'json'])
    expect(deleted.status).toBe(1)
    expect(JSON.parse(deleted.out)).toMatchObject({ decision: 'deny', code: 'forbidden', policy: 'shop/orders' })
  })

  it.each([
    ['api.shop.example', 'http'],
    ['legacy.shop.example', 'legacy'],
  ])('names the listener that %s belongs to, of those that share a port', async (host, listener) => {
    const gatehouse = `apiVersion: gatehouse.dev/v1alpha1
kind: Gatehouse
metadata: {name: edge, namespace: shop}
spec:
  hosts: [{pattern: "*.shop.example", namespaces: [shop]}]
  listeners:
  - {name: http, port: 8080, protocol: HTTP, default: true}
  - {name: legacy, port: 8080, protocol: HTTP, hostname: legacy.shop.example}
---
`
    const one = await folderOf('listeners', gatehouse + route + policy(anyone))
    const { out } = await runCommand(['explain', '-f', one, '--url', `http://${host}:8080/`])
    expect(out).toContain(`, listener ${listener}, `)
  })

  it('says where to look when a rule could not be understood', async () => {
    const broken = route.replace('name: all, backend', 'name: all, requestHeaders: {remove: [Host]}, backend')
    const { out, status } = await runCommand([
      'explain',
      '-f',
      await folderOf('broken', broken + policy(anyone)),
      '--url',
      url,
    ])
    expect(status).toBe(1)
    expect(out).toContain('note: gatehouse check')
  })

  it.each([
    [['--url', 'https://api.shop.exmaple/orders'], 'routes in force have the hosts api.shop.example'],
    [['--url', url, '--method', 'get'], 'methods are told apart by case (RFC 9110 9.1): GET is another one'],
  ])('says where a refusal of %j may come from', async (args, note) => {
    const { out, status } = await runCommand(['explain', '-f', quickstart, ...args])
    expect(status).toBe(1)
    expect(out).toContain(`note: ${note}`)
  })

  it('shows the path as it is written, whose dots the gateway refuses', async () => {
    const { out, status } = await runCommand(['explain', '-f', quickstart, '--url', `${url}/../../admin?key=secret`])
    expect(status).toBe(1)
    expect(out.split('\n')[0]).toBe(`GET ${url}/../../admin`)
    expect(out).toContain('refused: 400 bad-path, check form')
  })

  it('judges the claims that stand for a token', async () => {
    const claims = await written('expired.json', JSON.stringify({ ...ada, exp: 1 }))
    const { out, status } = await runCommand(['explain', '-f', quickstart, '--url', url, '--claims', claims])
    expect(status).toBe(1)
    expect(out).toContain('refused: 401 unauthenticated, check authentication by customers of shop/callers')
  })

  it('tells what Shadow would change', async () => {
    const one = await folderOf('shadow', route + policy(`${noDeletes.replace('}', ', mode: Shadow}')}, ${anyone}`))
    const { out, status } = await runCommand(['explain', '-f', one, '--url', url, '--method', 'DELETE'])
    expect(status).toBe(0)
    expect(out).toContain('shadow: would-deny, forbidden by no-deletes of shop/orders (GatewayRoute)')
  })

  it('prints no credential and obeys no control character', async () => {
    const secret = 'gh_s3cret'
    const args = ['explain', '-f', quickstart, '--url', `${url}\u001b[31m?key=${secret}`]
    const { out, err } = await runCommand([...args, '--header', `x-api-key: ${secret}`, '--header', 'x-b: \u001b[1m'])
    expect(out + err).not.toContain(secret)
    expect(out + err).not.toContain('\u001b')
  })

  it.each([
    [
      ['--url', 'ftp://a.example'],
      64,
      '--url needs a form such as https://api.shop.example/orders, not "ftp://a.example"',
    ],
    [['--url', url, '--source-ip', '300.1.1.1'], 64, '--source-ip needs an IP address, not "300.1.1.1"'],
    [['--url', 'https://user:word@api.shop.example/'], 64, '--url must not hold credentials'],
    [['--url', url, '--method', ''], 64, '--method needs a name such as GET, not ""'],
    [['--url', url, '--method', 'GE T'], 64, '--method needs a name such as GET, not "GE T"'],
    [
      ['--url', url, '--client-cert', `${quickstart}/20-services.yaml`],
      2,
      '20-services.yaml needs a certificate in PEM',
    ],
    [['--url', url, '--claims', quickstart], 2, 'quickstart is a folder, not a file'],
    [['--url', url, '--client-id', 'a', '--claims', 'b'], 64, '--claims and --client-id exclude each other'],
    [['--url', url, '--claims', '/nowhere'], 2, 'there is no such file: /nowhere'],
    [[], 64, '--url URL is needed'],
  ])('answers %j with one sentence and %i', async (args, status, sentence) => {
    const ended = await runCommand(['explain', '-f', quickstart, ...args])
    expect(ended).toMatchObject({ status, out: '' })
    expect(ended.err).toContain(sentence)
  })
})

describe('gatehouse test', () => {
  it('finds the quick start as its tests say', async () => {
    const { out, status } = await runCommand(['test', '-f', quickstart])
    expect(out).toMatch(/\n13 as expected, 0 not$/)
    expect(status).toBe(0)
  })

  it('names what differs, and refuses what it does not know', async () => {
    const one = await folderOf('tested', route + policy(anyone))
    const tests = join(one, 'a.test.yaml')
    await writeFile(tests, `- {name: closed, request: {url: "${url}"}, expect: {decision: deny, rule: none}}\n`)
    const differs = await runCommand(['test', '-f', one])
    expect(differs.status).toBe(1)
    expect(differs.out).toContain('a.test.yaml:1: closed: decision is allow, not deny')
    expect(differs.out).toContain('a.test.yaml:1: closed: rule is all, not none')
    await writeFile(tests, `- {name: a, request: {url: "${url}", claim: {}}, expect: {decision: deny}}\n`)
    const unknown = await runCommand(['test', '-f', one])
    expect(unknown).toMatchObject({ status: 2, out: '' })
    expect(unknown.err).toContain('claim is not a known key')
  })

  it('says that a client is looked up in vain, and what needs no Secret', async () => {
    const one = await folderOf('looked-up', route + policy(anyone))
    const test = `- {name: a, request: {url: "${url}", clientId: acme}, expect: {decision: deny}}\n`
    await writeFile(join(one, 'a.test.yaml'), test)
    const lack = 'no Secret of type gatehouse.dev/api-keys that was read names the client "acme"'
    const said = await runCommand(['test', '-f', one])
    expect(said.status).toBe(1)
    expect(said.out).toContain(
      `a.test.yaml:1: a: ${lack}; client in place of clientId describes one that needs no Secret`,
    )
    const explained = await runCommand(['explain', '-f', one, '--url', url, '--client-id', 'acme'])
    expect(explained.out).toContain(`note: ${lack}`)
  })
})

describe('gatehouse diff', () => {
  it('names the requests that two folders decide differently', async () => {
    const [old, next] = [
      await folderOf('old', route + policy(anyone)),
      await folderOf('new', route + policy(`${noDeletes}, ${anyone}`)),
    ]
    const requests = await written('requests.txt', `- {url: "${url}"}\n- {url: "${url}", method: DELETE}\n`)
    const { out, status } = await runCommand(['diff', old, next, '--requests', requests])
    expect(status).toBe(1)
    expect(out).toContain('requests.txt:2  DELETE api.shop.example/orders/7')
    expect(out).toContain('2 compared, 1 decided differently, 0 cannot be asked again')
    expect((await runCommand(['diff', old, old, '--requests', requests])).status).toBe(0)
    const line = { log: 'audit', listener: 'x', method: 'DELETE', host: 'api.shop.example', path: '/orders' }
    const more = { clientAddress: '192.0.2.1', decision: 'permit', check: null, principal: null }
    const refused = { ...line, ...more, decision: 'refuse' }
    const log = await written('log', [{ ...line, ...more }, refused].map((one) => JSON.stringify(one)).join('\n'))
    const logged = await runCommand(['diff', old, next, '--audit-log', log, '-o', 'json'])
    expect(logged.status).toBe(1)
    expect(JSON.parse(logged.out)).toMatchObject({
      compared: 1,
      notComparable: 1,
      changes: [{ old: { decision: 'allow' }, new: { decision: 'deny', rule: 'no-deletes' } }],
    })
  })
})
