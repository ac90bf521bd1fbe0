import { createServer as createHttp, type RequestListener, type Server } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { createServer as createTcp, type AddressInfo } from 'node:net'
import 'reflect-metadata'
import { X509CertificateGenerator, SubjectAlternativeNameExtension, BasicConstraintsExtension } from '@peculiar/x509'
import { afterEach, describe, expect, it } from 'vitest'
import { addressRules } from './addressRules.ts'
import { fetchText, type FetchRequest } from './fetch.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function listen<T extends Server | ReturnType<typeof createTcp>>(server: T): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(async () => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  })
  return (server.address() as AddressInfo).port
}

const http = (answer: RequestListener): Promise<number> => listen(createHttp(answer))
const plain: RequestListener = (_request, response) => response.end('{"keys":[]}')

async function certificateFor(names: { type: 'dns' | 'ip'; value: string }[]) {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=test',
    keys,
    signingAlgorithm: algorithm,
    extensions: [new SubjectAlternativeNameExtension(names), new BasicConstraintsExtension(true)],
  })
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return { cert: certificate.toString('pem'), key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n` }
}

async function https(answer: RequestListener, names: { type: 'dns' | 'ip'; value: string }[]) {
  const identity = await certificateFor(names)
  return { port: await listen(createHttps(identity, answer)), anchors: [identity.cert] }
}

const asked = (uri: string, over: Partial<FetchRequest> = {}): FetchRequest => ({
  uri,
  rules: addressRules({ podCIDRs: [], allowLoopback: true, deniedAddresses: [] }),
  addresses: 'Public',
  anchors: null,
  resolve: () => Promise.resolve(['127.0.0.1']),
  ...over,
})

const strict = addressRules({ podCIDRs: [], allowLoopback: false, deniedAddresses: [] })
const quick = { size: 1000, time: 300 }
const nowhere = /no address that may be dialled|only https|with credentials|Invalid URL|ENOTFOUND/
const bounded = /took too long|aborted|exceeded|Overflow|is encoded/i

describe('fetchText', () => {
  it('fetches over plain http from loopback', async () => {
    const port = await http(plain)
    expect(await fetchText(asked(`http://127.0.0.1:${port}/jwks?x=1`))).toBe('{"keys":[]}')
    expect(await fetchText(asked(`http://idp.example:${port}/`))).toBe('{"keys":[]}')
  })

  it('fetches over https by name, and sends the name', async () => {
    const names: unknown[] = []
    const { port, anchors } = await https(
      (request, response) => {
        names.push(request.headers.host, (request.socket as { servername?: string }).servername)
        response.end('ok')
      },
      [{ type: 'dns', value: 'idp.example' }],
    )
    expect(await fetchText(asked(`https://idp.example:${port}/`, { anchors }))).toBe('ok')
    expect(names).toEqual([`idp.example:${port}`, 'idp.example'])
  })

  it('fetches over https by address when the certificate is for it', async () => {
    const { port, anchors } = await https(plain, [{ type: 'ip', value: '127.0.0.1' }])
    expect(await fetchText(asked(`https://127.0.0.1:${port}/`, { anchors }))).toBe('{"keys":[]}')
  })

  it('does not trust a certificate of another authority or for another name', async () => {
    const { port, anchors } = await https(plain, [{ type: 'dns', value: 'idp.example' }])
    await expect(fetchText(asked(`https://idp.example:${port}/`))).rejects.toThrow(/self-signed/)
    await expect(fetchText(asked(`https://other.example:${port}/`, { anchors }))).rejects.toThrow(/altnames/)
    await expect(fetchText(asked(`https://127.0.0.1:${port}/`, { anchors }))).rejects.toThrow(/does not match|IP/)
    const { cert } = await certificateFor([{ type: 'dns', value: 'idp.example' }])
    await expect(fetchText(asked(`https://idp.example:${port}/`, { anchors: [cert] }))).rejects.toThrow(
      /self-signed|verify/,
    )
  })

  it.each<[string, string, Partial<FetchRequest>]>([
    ['a literal address', 'https://127.0.0.1:PORT/', { rules: strict }],
    ['a literal IPv6 address', 'https://[::1]:PORT/', { rules: strict }],
    ['a mapped literal', 'https://[::ffff:127.0.0.1]:PORT/', { rules: strict }],
    ['a short literal', 'https://127.1:PORT/', { rules: strict }],
    ['a literal as one number', 'https://2130706433:PORT/', { rules: strict }],
    ['a name that resolves there', 'https://idp.example:PORT/', { rules: strict }],
    ['a private address', 'https://idp.example:PORT/', { resolve: () => Promise.resolve(['10.0.0.1']) }],
    [
      'metadata',
      'https://idp.example:PORT/',
      { resolve: () => Promise.resolve(['169.254.169.254']), addresses: 'Private' },
    ],
    ['plain http to a public address', 'http://idp.example:PORT/', { resolve: () => Promise.resolve(['203.0.113.1']) }],
    ['no address', 'https://idp.example:PORT/', { resolve: () => Promise.resolve([]) }],
    ['what is no address', 'https://idp.example:PORT/', { resolve: () => Promise.resolve(['127.0.0.1\0', 'x']) }],
    [
      'a name that does not resolve',
      'https://idp.example:PORT/',
      { resolve: () => Promise.reject(new Error('ENOTFOUND')) },
    ],
    ['another scheme', 'ftp://127.0.0.1:PORT/', {}],
    ['a URL with credentials', 'http://user:pw@127.0.0.1:PORT/', {}],
    ['no URL', 'idp.example', {}],
  ])('connects nowhere for %s', async (_name, uri, over) => {
    let connections = 0
    const server = createTcp(() => connections++)
    const port = await listen(server)
    await expect(fetchText(asked(uri.replace('PORT', String(port)), over), quick)).rejects.toThrow(nowhere)
    expect(connections).toBe(0)
  })

  it('asks no resolver for what is no host name', async () => {
    let resolved = 0
    const resolve = () => Promise.resolve(['127.0.0.1'].slice(0, ++resolved))
    for (const host of ['idp!x.example', 'a..b'])
      await expect(fetchText(asked(`https://${host}:1/`, { resolve }), quick)).rejects.toThrow(nowhere)
    expect(resolved).toBe(0)
  })

  it('passes over addresses that must not be dialled', async () => {
    const port = await http(plain)
    const resolve = () => Promise.resolve(['169.254.169.254', '10.0.0.1', '127.0.0.1'])
    expect(await fetchText(asked(`http://idp.example:${port}/`, { resolve }))).toBe('{"keys":[]}')
  })

  it('tries the next address', async () => {
    const port = await http(plain)
    const resolve = () => Promise.resolve(['127.0.0.2', '127.0.0.1'])
    expect(await fetchText(asked(`http://idp.example:${port}/`, { resolve }))).toBe('{"keys":[]}')
  })

  it('follows no redirect', async () => {
    let hits = 0
    const port = await http((request, response) => {
      hits++
      response.writeHead(302, { location: '/other' }).end(request.url)
    })
    await expect(fetchText(asked(`http://127.0.0.1:${port}/`))).rejects.toThrow('status 302')
    expect(hits).toBe(1)
  })

  it.each([204, 404, 500])('takes only 200, not %i', async (status) => {
    const port = await http((_request, response) => response.writeHead(status).end())
    await expect(fetchText(asked(`http://127.0.0.1:${port}/`))).rejects.toThrow(`status ${status}`)
  })

  it.each<[string, RequestListener]>([
    [
      'a body that is announced too long',
      (_request, response) => response.writeHead(200, { 'content-length': 5000 }).end('x'.repeat(5000)),
    ],
    ['a body without end', (_request, response) => void setInterval(() => response.write('x'.repeat(100)), 1).unref()],
    ['silence', () => {}],
    ['a body that stops', (_request, response) => void response.writeHead(200).write('{')],
    ['a compressed body', (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x')],
    ['headers without end', (_request, response) => response.writeHead(200, { 'x-a': 'a'.repeat(40_000) }).end()],
  ])('bounds %s', async (_name, answer) => {
    const port = await http(answer)
    const start = performance.now()
    await expect(fetchText(asked(`http://127.0.0.1:${port}/`), quick)).rejects.toThrow(bounded)
    expect(performance.now() - start).toBeLessThan(3000)
  })

  it('does not wait for a resolver that hangs', async () => {
    const resolve = () => new Promise<string[]>(() => {})
    await expect(fetchText(asked('http://idp.example:1/', { resolve }), quick)).rejects.toThrow('took too long')
  })

  it('leaves no connection behind', async () => {
    const server = createHttp(plain)
    const port = await listen(server)
    await fetchText(asked(`http://127.0.0.1:${port}/`))
    await new Promise<void>((resolve) => server.close(() => resolve()))
    closing.length = 0
  })
})
