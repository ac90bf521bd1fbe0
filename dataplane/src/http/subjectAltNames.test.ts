import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { describe, expect, it } from 'vitest'
import { subjectAltNames } from './subjectAltNames.ts'

x509.cryptoProvider.set(webcrypto)

async function certificate(...extensions: x509.JsonGeneralName[][]): Promise<Buffer> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const signed = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=api.shop.example',
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false),
      ...extensions.map((names) => new x509.SubjectAlternativeNameExtension(names, true)),
    ],
  })
  return Buffer.from(signed.rawData)
}

const nothing = { uris: [], dnsNames: [], emails: [], addresses: [] }

describe('subjectAltNames', () => {
  it('tells the types apart', async () => {
    const der = await certificate([
      { type: 'dns', value: 'Api.Shop.Example' },
      { type: 'url', value: 'spiffe://cluster.local/ns/Shop' },
      { type: 'ip', value: '192.0.2.1' },
      { type: 'email', value: 'a@Shop.example' },
      { type: 'url', value: 'https://b' },
    ])
    expect(subjectAltNames(der)).toEqual({
      uris: ['spiffe://cluster.local/ns/Shop', 'https://b'],
      dnsNames: ['api.shop.example'],
      emails: ['a@shop.example'],
      addresses: ['192.0.2.1'],
    })
  })

  it('takes nothing from the subject', async () => {
    expect(subjectAltNames(await certificate())).toEqual(nothing)
  })

  it('does not read one name as two, and leaves out what is not visible ASCII', async () => {
    const der = await certificate([
      { type: 'dns', value: 'a.example, URI:spiffe://forged' },
      { type: 'dns', value: 'b.example,URI:spiffe://forged' },
      { type: 'dns', value: 'c.example\0.evil' },
      { type: 'url', value: 'spiffe://d\n' },
    ])
    expect(subjectAltNames(der)).toEqual(nothing)
  })

  it.each<[string, x509.JsonGeneralName]>([
    ['a URI as a DNS name', { type: 'dns', value: 'spiffe://a.example' }],
    ['a wildcard', { type: 'dns', value: '*.shop.example' }],
    ['a dot at the end', { type: 'dns', value: 'api.shop.example.' }],
    ['an empty label', { type: 'dns', value: 'api..example' }],
    ['an address as a DNS name', { type: 'dns', value: '192.0.2.1' }],
    ['an e-mail address as a DNS name', { type: 'dns', value: 'a@shop.example' }],
    ['a DNS name as a URI', { type: 'url', value: 'api.shop.example' }],
    ['an e-mail address as a URI', { type: 'url', value: 'a@shop.example' }],
    ['two ats (CVE-2026-40574)', { type: 'email', value: 'a@evil.example@shop.example' }],
    ['a quoted local part', { type: 'email', value: '"a@evil"@shop.example' }],
    ['an e-mail address without a domain', { type: 'email', value: 'a' }],
    ['NUL in a URI', { type: 'url', value: 'spiffe://a\0/b' }],
    ['NUL in an e-mail address', { type: 'email', value: 'a@shop.example\0.evil' }],
    ['IPv4 in the form of IPv6', { type: 'ip', value: '::ffff:c000:201' }],
    ['an identifier', { type: 'id', value: '1.2.3.4' }],
    ['a directory name', { type: 'dn', value: 'CN=api.shop.example' }],
    ['another kind of name', { type: 'upn', value: 'a@shop.example' }],
  ])('leaves out %s', async (_, name) => {
    expect(subjectAltNames(await certificate([name]))).toEqual(nothing)
  })

  it('reads an IPv6 address', async () => {
    const der = await certificate([{ type: 'ip', value: '2001:db8::1' }])
    expect(subjectAltNames(der).addresses).toEqual(['2001:db8::1'])
  })

  it('refuses two such extensions, of which others could read the other', async () => {
    const der = await certificate([{ type: 'dns', value: 'a.example' }], [{ type: 'dns', value: 'b.example' }])
    expect(() => subjectAltNames(der)).toThrow(RangeError)
  })

  it('refuses whatever is cut off or changed in its lengths', async () => {
    const der = await certificate([{ type: 'dns', value: 'a.example' }])
    for (let length = 0; length < der.length; length += 7) {
      expect(() => subjectAltNames(der.subarray(0, length))).toThrow(RangeError)
    }
    const forged = Buffer.from(der)
    forged[1] = 0x85
    expect(() => subjectAltNames(forged)).toThrow(RangeError)
  })
})
