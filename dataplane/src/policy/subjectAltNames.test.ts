import { describe, expect, it } from 'vitest'
import type { ClientCertificate } from '../gateway/facts.ts'
import { fittingName, namePattern, type NamePattern } from './subjectAltNames.ts'

type Type = NamePattern['type']

const certificate = (over: Partial<ClientCertificate>): ClientCertificate => ({
  fingerprint: 'f',
  notAfter: 4_000_000_000_000,
  uris: [],
  dnsNames: [],
  emails: [],
  addresses: [],
  anchor: 'a',
  ...over,
})

const lists = { URI: 'uris', DNS: 'dnsNames', Email: 'emails', IP: 'addresses' } as const
const of = (type: Type, ...names: string[]) => certificate({ [lists[type]]: names })
const found = (type: Type, pattern: string, presented: ClientCertificate) =>
  fittingName([namePattern({ type, pattern })], presented)

const spiffe = 'spiffe://cluster.local/ns/*/sa/*'

describe('fittingName', () => {
  it.each<[Type, string, string, boolean]>([
    ['URI', spiffe, 'spiffe://cluster.local/ns/shop/sa/web', true],
    ['URI', spiffe, 'spiffe://cluster.local/ns/shop/sa/web/x', false],
    ['URI', spiffe, 'spiffe://cluster.local/ns/shop/sa', false],
    ['URI', spiffe, 'spiffe://cluster.local/ns//sa/web', false],
    ['URI', spiffe, 'spiffe://cluster.local/ns/a/b/sa/web', false],
    ['URI', spiffe, 'spiffe://other/ns/shop/sa/web', false],
    ['URI', spiffe, 'SPIFFE://cluster.local/ns/shop/sa/web', false],
    ['URI', 'spiffe://*/x', 'spiffe://anything.example/x', true],
    ['URI', 'spiffe://a.b/x', 'spiffe://aXb/x', false],
    ['DNS', '*.mesh.example', 'web.mesh.example', true],
    ['DNS', '*.mesh.example', 'a.web.mesh.example', false],
    ['DNS', '*.mesh.example', 'mesh.example', false],
    ['DNS', '*.mesh.example', '.mesh.example', false],
    ['DNS', '*.Mesh.Example', 'WEB.mesh.example', true],
    ['DNS', 'web.mesh.example', 'webXmesh.example', false],
    ['DNS', 'web.mesh.example', 'web.mesh.example.evil', false],
    ['Email', 'Ada@Shop.example', 'Ada@shop.example', true],
    ['Email', 'ada@shop.example', 'Ada@shop.example', false],
    ['Email', 'ada@shop.example', 'ada@shopXexample', false],
    ['Email', 'ada@shop.example', 'bob@shop.example', false],
    ['Email', '*@shop.example', 'bob@shop.example', true],
    ['Email', '*@shop.example', 'bob@evil.shop.example', false],
    ['Email', '*@shop.example', 'bob@shop.example.evil', false],
    ['IP', '192.0.2.1/32', '192.0.2.1', true],
    ['IP', '192.0.2.1/32', '192.0.2.2', false],
    ['IP', '192.0.2.0/24', '192.0.2.255', true],
    ['IP', '192.0.2.0/24', '192.0.3.0', false],
    ['IP', '2001:db8::/32', '2001:db8::1', true],
    ['IP', '2001:db8::/32', '192.0.2.1', false],
    ['IP', '::/0', '192.0.2.1', false],
  ])('%s %s over %s: %s', (type, pattern, name, fits) => {
    expect(found(type, pattern, of(type, name))).toBe(fits ? name : null)
  })

  it.each<[Type, Type, string, string]>([
    ['URI', 'DNS', 'web.mesh.example', 'web.mesh.example'],
    ['DNS', 'URI', 'spiffe:', 'spiffe:'],
    ['Email', 'DNS', '*@shop.example', 'a@shop.example'],
    ['DNS', 'Email', 'shop.example', 'shop.example'],
    ['IP', 'DNS', '192.0.2.1/32', '192.0.2.1'],
    ['DNS', 'IP', '192.0.2.1', '192.0.2.1'],
    ['URI', 'Email', 'mailto:a@shop.example', 'mailto:a@shop.example'],
  ])('%s does not look at names of type %s', (type, other, pattern, name) => {
    expect(found(type, pattern, of(other, name))).toBeNull()
  })

  it('takes the first pattern that fits, and of its names the first of the certificate', () => {
    const patterns = [
      { type: 'Email' as const, pattern: '*@shop.example' },
      { type: 'DNS' as const, pattern: '*.shop.example' },
    ].map(namePattern)
    const dnsNames = ['b.shop.example', 'a.shop.example']
    expect(fittingName(patterns, certificate({ dnsNames, emails: ['x@other', 'ada@shop.example'] }))).toBe(
      'ada@shop.example',
    )
    expect(fittingName(patterns, certificate({ dnsNames }))).toBe('b.shop.example')
    expect(fittingName([], certificate({ dnsNames }))).toBeNull()
  })
})

describe('namePattern', () => {
  it.each<[Type, string]>([
    ['Email', 'shop.example'],
    ['Email', '@shop.example'],
    ['IP', '192.0.2.1'],
    ['IP', 'shop'],
  ])('is not made of %s %s', (type, pattern) => {
    expect(() => namePattern({ type, pattern })).toThrow(RangeError)
  })
})
