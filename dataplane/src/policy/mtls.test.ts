import { describe, expect, it } from 'vitest'
import type { ClientCertificate } from '../gateway/facts.ts'
import { certificatePrincipal, claimedName, mtlsProvider } from './mtls.ts'

const certificate = (uris: string[], dnsNames: string[] = [], anchor = 'a'): ClientCertificate => ({
  fingerprint: 'f',
  uris,
  dnsNames,
  anchor,
})

const of = (type: 'URI' | 'DNS', pattern: string, broken = false) =>
  mtlsProvider(
    { name: 'mesh', broken },
    { type: 'Mtls', subjectAltNames: [{ type, pattern }], trust: null },
    { object: 'shop/p/mesh', level: 3 },
    null,
  )

describe('claimedName', () => {
  const spiffe = 'spiffe://cluster.local/ns/*/sa/*'
  it.each([
    [spiffe, 'spiffe://cluster.local/ns/shop/sa/web', true],
    [spiffe, 'spiffe://cluster.local/ns/shop/sa/web/x', false],
    [spiffe, 'spiffe://cluster.local/ns/shop/sa', false],
    [spiffe, 'spiffe://cluster.local/ns//sa/web', false],
    [spiffe, 'spiffe://cluster.local/ns/a/b/sa/web', false],
    [spiffe, 'spiffe://other/ns/shop/sa/web', false],
    [spiffe, 'SPIFFE://cluster.local/ns/shop/sa/web', false],
    ['spiffe://*/x', 'spiffe://anything.example/x', true],
    ['spiffe://a.b/x', 'spiffe://aXb/x', false],
    ['spiffe://a/sa*', 'spiffe://a/sax', false],
  ])('URI %s over %s: %s', (pattern, name, fits) => {
    expect(claimedName(of('URI', pattern), certificate([name]))).toBe(fits ? name : null)
  })

  it.each([
    ['*.mesh.example', 'web.mesh.example', true],
    ['*.mesh.example', 'a.web.mesh.example', false],
    ['*.mesh.example', 'mesh.example', false],
    ['*.mesh.example', '.mesh.example', false],
    ['*.Mesh.Example', 'WEB.mesh.example', true],
    ['web.mesh.example', 'webXmesh.example', false],
    ['web.mesh.example', 'web.mesh.example.evil', false],
  ])('DNS %s over %s: %s', (pattern, name, fits) => {
    expect(claimedName(of('DNS', pattern), certificate([], [name]))).toBe(fits ? name : null)
  })

  it('compares a name only with patterns of its type', () => {
    expect(claimedName(of('URI', 'web.mesh.example'), certificate([], ['web.mesh.example']))).toBeNull()
    expect(claimedName(of('DNS', 'spiffe:'), certificate(['spiffe:']))).toBeNull()
  })

  it('asks for an anchor of its own', () => {
    const narrow = { ...of('DNS', 'a'), anchors: new Set(['mine']) }
    expect(claimedName(narrow, certificate([], ['a'], 'theirs'))).toBeNull()
    expect(claimedName(narrow, certificate([], ['a'], 'mine'))).toBe('a')
    expect(claimedName({ ...narrow, anchors: new Set<string>() }, certificate([], ['a'], 'mine'))).toBeNull()
    expect(claimedName({ ...narrow, broken: true }, certificate([], ['a'], 'theirs'))).toBe('a')
  })

  it('does not read an anchor that is none', () => {
    expect(() =>
      mtlsProvider(
        { name: 'x', broken: false },
        { type: 'Mtls', subjectAltNames: [], trust: 'x' },
        { object: 'x', level: 3 },
        ['x'],
      ),
    ).toThrow(/PEM|asn1|no start line/i)
  })
})

it('asserts nothing but who it is', () => {
  expect(certificatePrincipal(of('DNS', '*'), 'web')).toMatchObject({
    id: '["shop/p/mesh","","web"]',
    roles: [],
    tenant: null,
    claims: {},
  })
})
