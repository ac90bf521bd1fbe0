import { describe, expect, it } from 'vitest'
import { outboundOf } from './outbound.ts'

const hosts = [
  { host: 'idp.example', port: 443, namespaces: ['shop'], addresses: 'Public' as const },
  {
    host: 'idp.example',
    port: 8443,
    namespaces: ['shop'],
    addresses: 'Private' as const,
    caCertificateRefs: [{ group: '' as const, kind: 'ConfigMap' as const, name: 'ca' }],
  },
]
const outbound = outboundOf('gatehouse-system/edge', { allowedHosts: hosts, allowLoopback: false })
const development = outboundOf('gatehouse-dev/dev', { allowLoopback: true })

describe('outbound', () => {
  it('names the addresses and authorities of the allowed host', () => {
    expect(outbound('shop', 'https://idp.example/jwks')).toEqual({ addresses: 'Public', trust: null })
    expect(outbound('shop', 'https://idp.example:8443/jwks')).toEqual({
      addresses: 'Private',
      trust: 'gatehouse-system/edge/outbound/idp.example:8443',
    })
  })

  it.each([
    ['another namespace', 'docs', 'https://idp.example/jwks'],
    ['plain http', 'shop', 'http://idp.example:443/jwks'],
    ['another port', 'shop', 'https://idp.example:444/jwks'],
    ['another host', 'shop', 'https://idp.example.evil.example/jwks'],
    ['a host behind a user name', 'shop', 'https://idp.example@evil.example/jwks'],
    ['a user name', 'shop', 'https://user@idp.example/jwks'],
    ['a fragment', 'shop', 'https://idp.example/jwks#x'],
    ['a final dot', 'shop', 'https://idp.example./jwks'],
    ['another scheme', 'shop', 'ftp://idp.example/jwks'],
    ['what is no URL', 'shop', 'idp.example'],
    ['loopback', 'shop', 'http://127.0.0.1/jwks'],
  ])('refuses %s', (_, namespace, uri) => {
    expect(outbound(namespace, uri)).toBeNull()
  })

  it.each(['http://127.0.0.1:9000/jwks', 'http://localhost/jwks', 'https://127.8.8.8/jwks', 'http://2130706433/jwks'])(
    'lets development fetch %s from loopback',
    (uri) => {
      expect(development('any', uri)).toEqual({ addresses: 'Public', trust: null })
    },
  )

  it.each(['http://10.0.0.1/jwks', 'https://idp.example/jwks', 'http://127.0.0.1.evil.example/jwks'])(
    'does not let development fetch %s',
    (uri) => {
      expect(development('any', uri)).toBeNull()
    },
  )
})
