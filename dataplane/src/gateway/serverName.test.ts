import 'reflect-metadata'
import { X509Certificate } from 'node:crypto'
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509'
import { describe, expect, it } from 'vitest'
import { createSelector, type Presentable } from './serverName.ts'

const listener = (name: string, hostname: string | null, certificates: Presentable[] = []) => ({
  name,
  hostname,
  certificates,
})

describe('listeners by name', () => {
  const select = createSelector([
    listener('admin', 'admin.shop.example'),
    listener('shop', '*.shop.example'),
    listener('deep', '*.deep.shop.example'),
    listener('all', null),
  ])

  it.each([
    ['admin.shop.example', 'admin'],
    ['ADMIN.Shop.Example', 'admin'],
    ['admin.shop.example.', 'admin'],
    ['x.shop.example', 'shop'],
    ['x.admin.shop.example', 'shop'],
    ['x.deep.shop.example', 'deep'],
    ['deep.shop.example', 'shop'],
    ['shop.example', 'all'],
    ['admin.shop.example.evil', 'all'],
    ['admin.shop.example\0.evil', 'all'],
    ['*.shop.example', 'shop'],
    ['', 'all'],
    [null, 'all'],
  ])('%j selects %s', (name, expected) => {
    expect(select(name)?.listener.name).toBe(expected)
  })

  it.each(['other.example', null, ''])('gives %j nothing where no listener is for every host', (name) => {
    expect(createSelector([listener('shop', '*.shop.example')])(name)).toBeNull()
  })

  it('remembers a bounded number of names', () => {
    for (let i = 0; i < 5000; i++) expect(select(`host-${i}.shop.example`)?.listener.name).toBe('shop')
  })
})

async function presentable(name: string, ...dnsNames: string[]): Promise<Presentable> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const names = dnsNames.map((value) => ({ type: 'dns' as const, value }))
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=common.example',
    keys,
    signingAlgorithm: algorithm,
    extensions: [new SubjectAlternativeNameExtension(names)],
  })
  return { name, leaf: new X509Certificate(certificate.toString('pem')) }
}

describe('certificates by name', async () => {
  const certificates = [
    await presentable('first', 'a.example'),
    await presentable('second', 'b.example', '*.wild.example'),
    await presentable('third', 'b.example'),
  ]
  const select = createSelector([listener('all', null, certificates)])

  it.each([
    ['a.example', 'first'],
    ['b.example', 'second'],
    ['B.Example.', 'second'],
    ['x.wild.example', 'second'],
    ['x.y.wild.example', 'first'],
    ['common.example', 'first'],
    ['nobody.example', 'first'],
    [null, 'first'],
  ])('%j gets the %s', (name, expected) => {
    expect(select(name)?.certificate).toBe(expected)
  })

  it('has none where the listener has none', () => {
    expect(createSelector([listener('all', null)])('a.example')).toEqual({
      listener: listener('all', null),
      certificate: null,
    })
  })
})
