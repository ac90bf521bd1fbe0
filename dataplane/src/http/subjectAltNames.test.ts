import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { describe, expect, it } from 'vitest'
import { subjectAltNames } from './subjectAltNames.ts'

x509.cryptoProvider.set(webcrypto)

async function certificate(names: x509.JsonGeneralName[]): Promise<Buffer> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const signed = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=api.shop.example',
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names, true)]),
    ],
  })
  return Buffer.from(signed.rawData)
}

describe('subjectAltNames', () => {
  it('tells the types apart', async () => {
    const der = await certificate([
      { type: 'dns', value: 'Api.Shop.Example' },
      { type: 'url', value: 'spiffe://cluster.local/ns/Shop' },
      { type: 'ip', value: '192.0.2.1' },
      { type: 'email', value: 'a@shop.example' },
      { type: 'url', value: 'https://b' },
    ])
    expect(subjectAltNames(der)).toEqual({
      uris: ['spiffe://cluster.local/ns/Shop', 'https://b'],
      dnsNames: ['api.shop.example'],
    })
  })

  it('takes nothing from the subject', async () => {
    expect(subjectAltNames(await certificate([]))).toEqual({ uris: [], dnsNames: [] })
  })

  it('does not read one name as two, and leaves out what is not visible ASCII', async () => {
    const der = await certificate([
      { type: 'dns', value: 'a.example, URI:spiffe://forged' },
      { type: 'dns', value: 'b.example,URI:spiffe://forged' },
      { type: 'dns', value: 'c.example\0.evil' },
      { type: 'url', value: 'spiffe://d\n' },
    ])
    expect(subjectAltNames(der)).toEqual({ uris: [], dnsNames: ['b.example,uri:spiffe://forged'] })
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
