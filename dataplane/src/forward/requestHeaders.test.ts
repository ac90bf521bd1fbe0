import { describe, expect, it } from 'vitest'
import type { RequestFacts } from '../gateway/facts.ts'
import type { PermitContent } from '../gateway/gateway.ts'
import { blankJudgement } from '../gateway/refusing.ts'
import { headerRules } from './headerRules.ts'
import { idlePlan } from './planFixture.ts'
import { requestHeaders } from './requestHeaders.ts'

const id = '0123456789abcdef0123456789abcdef'
const rules = headerRules(['x-gatehouse-subject', 'x-gatehouse-roles'])

interface Sent {
  readonly raw: readonly string[]
  readonly content?: Partial<PermitContent>
  readonly facts?: Partial<RequestFacts>
  readonly hasBody?: boolean
}

function forwarded({ raw, content = {}, facts = {}, hasBody = false }: Sent): string[] {
  const headers = new Map<string, string[]>()
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase()
    headers.set(name, [...(headers.get(name) ?? []), raw[at + 1]!])
  }
  return requestHeaders(
    {
      facts: {
        id,
        method: 'GET',
        host: 'api.shop.example',
        authority: 'API.shop.example:8443',
        path: '/',
        query: '',
        rawHeaders: raw,
        headers,
        clientAddress: '192.0.2.1',
        forwardedFor: [],
        connection: {
          listener: 'https',
          socket: 'HTTPS 127.0.0.1 443',
          scheme: 'https',
          peerAddress: '192.0.2.1',
          announced: false,
          serverName: 'api.shop.example',
          clientCertificate: null,
          certificate: 'shop/api',
          trustHash: null,
        },
        ...facts,
      },
      plan: idlePlan,
      judgement: blankJudgement(),
      principal: null,
      credentialHeaders: [],
      allowedHeaders: null,
      identityHeaders: [],
      quotas: [],
      weights: null,
      maxBodySize: 1024,
      body: [],
      answer: null,
      whole: null,
      mark: null,
      trial: null,
      ...content,
    },
    rules,
    { authority: 'orders.shop:80', hasBody, proof: null, edit: null },
  )
}

/** What the upstream gets beside what the gateway always writes. */
const passed = (sent: Sent): string[] => {
  const own = forwarded({ raw: [] })
  return forwarded(sent).filter((text) => !own.includes(text))
}

const values = (headers: readonly string[], name: string): string[] =>
  headers.flatMap((text, at) => (at % 2 === 0 && text.toLowerCase() === name ? [headers[at + 1]!] : []))

describe('what the gateway writes', () => {
  it('is Host of the backend, where the request comes from, and its id', () => {
    expect(forwarded({ raw: ['Host', 'api.shop.example'] })).toEqual([
      'host',
      'orders.shop:80',
      'x-forwarded-for',
      '192.0.2.1',
      'x-forwarded-proto',
      'https',
      'x-forwarded-host',
      'API.shop.example:8443',
      'forwarded',
      'for=192.0.2.1;host="API.shop.example:8443";proto=https',
      'via',
      '1.1 gatehouse',
      'x-request-id',
      id,
      'traceparent',
      `00-${id}-${id.slice(0, 16)}-00`,
    ])
  })

  it('appends the peer to what a trusted peer reported', () => {
    const connection = { ...factsConnection(), peerAddress: '2001:db8::1' }
    const headers = forwarded({ raw: [], facts: { forwardedFor: ['198.51.100.7'], connection } })
    expect(values(headers, 'x-forwarded-for')).toEqual(['198.51.100.7, 2001:db8::1'])
    expect(values(headers, 'forwarded')[0]).toMatch(/^for=198\.51\.100\.7, for="\[2001:db8::1\]";host=/)
  })

  it('puts identity last, after everything that a client sent', () => {
    const identityHeaders = ['x-gatehouse-subject', 'alice']
    const raw = ['X-Gatehouse-Subject', 'mallory', 'Connection', 'x-gatehouse-subject']
    const headers = forwarded({ raw, content: { identityHeaders } })
    expect(headers.slice(-2)).toEqual(identityHeaders)
    expect(values(headers, 'x-gatehouse-subject')).toEqual(['alice'])
  })
})

function factsConnection(): RequestFacts['connection'] {
  return {
    listener: 'https',
    socket: 'HTTPS 127.0.0.1 443',
    scheme: 'https',
    peerAddress: '192.0.2.1',
    announced: false,
    serverName: null,
    clientCertificate: null,
    certificate: null,
    trustHash: null,
  }
}

describe('what a client sends', () => {
  it('goes on only where it may, under exactly that name', () => {
    const raw = ['ACCEPT', 'a', 'X-Tag', '1', 'x_tag', '2', 'Content-Length', '3', 'X-Gatehouse-Roles', 'root']
    const content = { allowedHeaders: new Set(['accept', 'x-tag', 'x-gatehouse-roles']) }
    expect(passed({ raw, content, hasBody: true })).toEqual(['ACCEPT', 'a', 'X-Tag', '1', 'Content-Length', '3'])
    expect(passed({ raw, content: { allowedHeaders: new Set<string>() } })).toEqual([])
  })

  it('goes on in its case and order, repeated as it was', () => {
    const raw = ['Accept', '*/*', 'COOKIE', 'a=1', 'X-Tag', '1', 'x-tag', '2', 'Authorization', 'Basic x']
    expect(passed({ raw })).toEqual(raw)
  })

  it.each([
    'X-Gatehouse-Subject',
    'x_gatehouse_subject',
    'X-GATEHOUSE_ROLES',
    'Forwarded',
    'X-Forwarded',
    'X-Forwarded-For',
    'x_forwarded_for',
    'X-Forwarded-Proto',
    'X-Forwarded-Client-Cert',
    'X-Forwarded-Anything',
    'X-Real-IP',
    'X_Real_IP',
    'X-Client-Cert',
    'X-Client-Certificate-Chain',
    'Client-Cert',
    'Client-Cert-Chain',
    'Client_Cert',
    'X-HTTP-Method',
    'X-HTTP-Method-Override',
    'x_http_method_override',
    'X-Method-Override',
    'X-Original-URL',
    'X-Original-Host',
    'X_Original_URL',
    'X-Rewrite-URL',
    'X-Request-Id',
    'Keep-Alive',
    'Proxy-Connection',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Upgrade',
    'HTTP2-Settings',
    'Proxy-Authorization',
    'Proxy-Authenticate',
    'Expect',
    'Host',
    'Content-Length',
  ])('never goes on as %s', (name) => {
    expect(passed({ raw: [name, 'forged'] })).toEqual([])
    expect(passed({ raw: [name.toUpperCase(), 'forged', name.toLowerCase(), 'forged'] })).toEqual([])
  })

  it('loses what Connection names, in every form, but neither framing nor what the gateway writes', () => {
    const raw = [
      'Connection',
      'close, X-Hop, Content-Length,,',
      'CONNECTION',
      'x_other, host, x-forwarded-for, x-request-id',
      'X-Hop',
      '1',
      'x_hop',
      '2',
      'X-Other',
      '3',
      'Content-Length',
      '5',
      'X-Kept',
      '4',
    ]
    expect(passed({ raw, hasBody: true })).toEqual(['Content-Length', '5', 'X-Kept', '4'])
    const headers = forwarded({ raw, hasBody: true })
    expect(values(headers, 'host')).toEqual(['orders.shop:80'])
    expect(values(headers, 'x-forwarded-for')).toEqual(['192.0.2.1'])
    expect(values(headers, 'x-request-id')).toEqual([id])
  })

  it('loses its credentials, in every form', () => {
    const raw = ['Authorization', 'Bearer t', 'X-API-Key', 'k', 'x_api_key', 'k2', 'X-Api-Keys', 'kept']
    const credentialHeaders = ['authorization', 'x-api-key']
    expect(passed({ raw, content: { credentialHeaders } })).toEqual(['X-Api-Keys', 'kept'])
  })

  it('may ask for trailers', () => {
    expect(passed({ raw: ['TE', 'gzip, Trailers'] })).toEqual(['te', 'trailers'])
  })
})

describe('trace context', () => {
  const parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

  it('that is valid goes on untouched', () => {
    const headers = forwarded({ raw: ['Traceparent', parent, 'Tracestate', 'a=1', 'tracestate', 'b=2'] })
    expect(values(headers, 'traceparent')).toEqual([parent])
    expect(values(headers, 'tracestate')).toEqual(['a=1', 'b=2'])
  })

  it.each([
    ['nothing', []],
    ['garbage', ['traceparent', 'garbage']],
    ['the version that is none', ['traceparent', `ff${parent.slice(2)}`]],
    ['zeros', ['traceparent', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`]],
    ['upper case', ['traceparent', parent.toUpperCase()]],
    ['more than version 0 has', ['traceparent', `${parent}-more`]],
    ['two parents', ['traceparent', parent, 'traceparent', parent]],
  ])('begins anew after %s, without a state', (_name, raw) => {
    const headers = forwarded({ raw: [...raw, 'tracestate', 'a=1'] })
    expect(values(headers, 'traceparent')).toEqual([`00-${id}-${id.slice(0, 16)}-00`])
    expect(values(headers, 'tracestate')).toEqual([])
  })
})

describe('the memory of header names', () => {
  it('is bounded, and right beyond its bound', () => {
    const bounded = headerRules([])
    for (let count = 0; count < 5000; count++) bounded(`x-${count}`)
    expect(bounded('X_Forwarded_For')).toEqual({ name: 'x-forwarded-for', use: 'drop' })
    expect(bounded('x-new')).toEqual({ name: 'x-new', use: 'pass' })
  })
})
