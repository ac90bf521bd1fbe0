import { describe, expect, it } from 'vitest'
import type { ClientCertificate } from '../gateway/facts.ts'
import { certificatePrincipal, claimedName, mtlsProvider } from './mtls.ts'

const certificate = (uris: string[], dnsNames: string[] = [], anchor = 'a'): ClientCertificate => ({
  fingerprint: 'f',
  notAfter: 4_000_000_000_000,
  uris,
  dnsNames,
  emails: [],
  addresses: [],
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
  it('is the name that fits', () => {
    expect(claimedName(of('DNS', '*.mesh.example'), certificate([], ['web.mesh.example']))).toBe('web.mesh.example')
    expect(claimedName(of('DNS', '*.mesh.example'), certificate(['web.mesh.example']))).toBeNull()
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
  expect(certificatePrincipal(of('DNS', '*'), 'web', 7)).toMatchObject({
    id: '["shop/p/mesh","","web"]',
    expiresAt: 7,
    roles: [],
    tenant: null,
    claims: {},
  })
})
