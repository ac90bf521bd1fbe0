import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalAddress, clientNetwork, parseRange } from '../../dataplane/src/address.ts'
import { clientAddress, noTrust } from '../../dataplane/src/gateway/clientAddress.ts'
import type { RawRequest } from '../../dataplane/src/gateway/facts.ts'
import { readRequest } from '../../dataplane/src/gateway/form.ts'
import { parseHost } from '../../dataplane/src/gateway/host.ts'
import { canonicalPath, parseTarget } from '../../dataplane/src/gateway/path.ts'
import { refusals } from '../../dataplane/src/gateway/refusal.ts'
import { decodeJws } from '../../dataplane/src/policy/jws.ts'

/** Text of the pieces that paths, hosts and headers are attacked with. */
const pieces = (...units: string[]): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...units) }, fc.string({ maxLength: 1, unit: 'binary' })),
  })

const target = pieces(
  '/',
  '.',
  '..',
  '%2e',
  '%2E',
  '%2f',
  '%5c',
  '\\',
  ';',
  '%3b',
  '%00',
  '#',
  '?',
  '%',
  'a',
  'A',
  '%61',
  '%c0%ae',
)
const authority = pieces('a', 'A', '.', '-', '_', ':', '8', '[', ']', '::', '@', '/', '%', ' ', 'example')
const addressText = fc.oneof(fc.ipV4(), fc.ipV6(), pieces('1', '255', '.', ':', '::', 'f', '%', '0', '/'))

/** What a lenient backend makes of a path: decoded as often as it likes, parameters dropped, slashes merged. */
function leniently(path: string): string[] {
  let text = path
  for (let pass = 0; pass < 2; pass++) {
    text = text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    if (pass === 0 && text.includes('%')) break
  }
  return text.split('/').map((segment) => segment.split(';')[0] ?? '')
}

const raw = (over: Partial<RawRequest>): RawRequest => ({
  method: 'GET',
  target: '/',
  httpVersion: '1.1',
  rawHeaders: ['Host', 'api.shop.example'],
  connection: {
    listener: 'http',
    socket: 'HTTP 127.0.0.1 80',
    scheme: 'http',
    peerAddress: '127.0.0.1',
    announced: false,
    serverName: null,
    clientCertificate: null,
    certificate: null,
    trustHash: null,
  },
  id: 'id',
  ...over,
})

describe('fuzz: the path', () => {
  it('has one canonical form, which is its own', () => {
    fc.assert(
      fc.property(target, (text) => {
        const path = canonicalPath(`/${text}`)
        fc.pre(path !== null)
        expect(canonicalPath(path)).toBe(path)
      }),
      { numRuns: 3000 },
    )
  })

  it('climbs nowhere, however a backend decodes it once', () => {
    fc.assert(
      fc.property(target, (text) => {
        const path = canonicalPath(`/${text}`)
        fc.pre(path !== null)
        const segments = leniently(path)
        expect(segments).not.toContain('..')
        expect(segments).not.toContain('.')
        expect(segments.slice(1, -1)).not.toContain('')
        expect(path).not.toMatch(/[\\#\0]|%(00|2F|5C)/i)
        expect(segments.length).toBe(path.split('/').length)
      }),
      { numRuns: 3000 },
    )
  })

  it('reads an encoded letter as the letter', () => {
    const plain = fc.string({ unit: fc.constantFrom('a', 'b', 'X', 'Z', '0', '9', '-', '_', '~'), minLength: 1 })
    fc.assert(
      fc.property(plain, fc.nat(), (segment, at) => {
        const index = at % segment.length
        const hex = segment.charCodeAt(index).toString(16)
        const encoded = `/${segment.slice(0, index)}%${hex}${segment.slice(index + 1)}`
        expect(canonicalPath(encoded)).toBe(`/${segment}`)
      }),
    )
  })

  it('leaves the query as it is', () => {
    fc.assert(
      fc.property(target, pieces('/', '..', '?', '%2f', '&', '=', '#'), (path, query) => {
        const parsed = parseTarget(`/x?${path}${query}`)
        fc.pre(parsed !== null)
        expect(parsed).toEqual({ path: '/x', query: `?${path}${query}` })
      }),
    )
  })
})

describe('fuzz: the host', () => {
  it('has one canonical form, which is its own', () => {
    fc.assert(
      fc.property(authority, (text) => {
        const host = parseHost(text)
        fc.pre(host !== null)
        expect(parseHost(host)).toBe(host)
        expect(parseHost(text.toUpperCase())).toBe(host)
        expect(host).toMatch(/^[a-z0-9._:[\]-]+$/)
      }),
      { numRuns: 3000 },
    )
  })

  it('is what a URL parser sees', () => {
    fc.assert(
      fc.property(authority, (text) => {
        const host = parseHost(text)
        const url = `http://${text}/`
        // Numbers that look like IPv4 and names with xn-- are the URL parser's own business.
        fc.pre(host !== null && URL.canParse(url) && !/^[\d.x]+$|xn--/i.test(host))
        expect(new URL(url).hostname.replace(/\.$/, '')).toBe(host)
      }),
    )
  })
})

describe('fuzz: addresses', () => {
  it('are those of the operating system', () => {
    fc.assert(
      fc.property(addressText, (text) => {
        expect(canonicalAddress(text) !== null).toBe(isIP(text) !== 0 && !text.includes('%'))
      }),
      { numRuns: 3000 },
    )
  })

  it('have one canonical form, which is its own', () => {
    fc.assert(
      fc.property(addressText, (text) => {
        const address = canonicalAddress(text)
        fc.pre(address !== null)
        expect(canonicalAddress(address ?? '')).toBe(address)
        expect(clientNetwork(address)).toBe(address.includes(':') ? clientNetwork(address) : address)
      }),
    )
  })

  it('are counted as IPv4 in whatever form they come', () => {
    fc.assert(
      fc.property(fc.ipV4(), (text) => {
        expect(canonicalAddress(`::ffff:${text}`)).toBe(text)
      }),
    )
  })

  it('of a client come from the peer, or from somebody that it vouches for', () => {
    const hop = fc.oneof(addressText, fc.constantFrom('unknown', '_hidden', '', '10.0.0.1', '10.0.0.2'))
    const trust = { trusted: [parseRange('10.0.0.0/8')!], field: 'x-forwarded-for', cluster: [] } as const
    const from = (peerAddress: string, value: string) =>
      clientAddress({ peerAddress, announced: false }, new Map([['x-forwarded-for', [value]]]), trust)
    fc.assert(
      fc.property(fc.array(hop, { maxLength: 6 }), (hops) => {
        expect(from('192.0.2.1', hops.join(', ')).address).toBe('192.0.2.1')
        const { address } = from('10.0.0.9', hops.join(', '))
        expect(canonicalAddress(address ?? '')).toBe(address)
        // What stands left of the first untrusted hop cannot change the answer.
        const evil = from('10.0.0.9', `203.0.113.66, 198.51.100.1, ${hops.join(', ')}`).address
        const plain = from('10.0.0.9', `198.51.100.1, ${hops.join(', ')}`).address
        expect(evil).toBe(plain)
      }),
    )
  })
})

describe('fuzz: the request', () => {
  const headers = fc.array(
    fc.tuple(
      fc.constantFrom(
        'Host',
        'host',
        'Content-Length',
        'Transfer-Encoding',
        'Connection',
        'X-Forwarded-For',
        '__proto__',
        'x',
      ),
      pieces('a', ',', ' ', '5', 'chunked', 'api.shop.example', '\t', '\0', '\r\n'),
    ),
    { maxLength: 5 },
  )

  it('is sound, or refused by a code of the table', () => {
    fc.assert(
      fc.property(
        target,
        headers,
        fc.constantFrom('GET', 'get', 'POST', 'CONNECT', '', 'G T'),
        (text, lines, method) => {
          const facts = readRequest(raw({ target: text, method, rawHeaders: lines.flat() }), noTrust)
          if (typeof facts === 'string') expect(Object.keys(refusals)).toContain(facts)
          else {
            expect(canonicalPath(facts.path)).toBe(facts.path)
            expect(parseHost(facts.host)).toBe(facts.host)
            expect(facts.headers.get('host')?.length).toBe(1)
            expect([...facts.headers.values()].flat().join('')).not.toMatch(/[\0\r\n]/)
          }
        },
      ),
      { numRuns: 3000 },
    )
  })
})

describe('fuzz: tokens', () => {
  it('are decoded or not, and never throw', () => {
    const part = fc.oneof(
      fc.base64String(),
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        const decoded = decodeJws(parts.join('.'))
        if (decoded !== null) expect(decoded.issuer === null || typeof decoded.issuer === 'string').toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})
