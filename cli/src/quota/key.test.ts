import { describe, expect, it } from 'vitest'
import { keyOf, keyText } from './key.ts'

const known = {
  providers: new Map([
    ['shop/orders/staff', 'Jwt'],
    ['shop/orders/partners', 'ApiKey'],
  ] as const),
  routes: new Set(['shop/orders']),
}

const alice = '["shop/orders/staff","https://idp.example","alice"]'
const acme = '["shop/orders/partners","","acme-1"]'

describe('keyOf', () => {
  it.each([
    `Principal=${alice}`,
    `Principal=${acme}`,
    `APIKey=${acme}`,
    'IP=192.0.2.1',
    'IP=2001:db8::1',
    'Route=shop/orders',
    'Tenant=acme=1',
    'Header=',
    'Claim=',
  ])('takes %s', (text) => {
    const at = text.indexOf('=')
    expect([...keyOf([text], known)]).toEqual([[text.slice(0, at), text.slice(at + 1)]])
  })

  it('writes a caller as data planes do', () => {
    const spaced = `Principal=[ "shop/orders/staff", "https://idp.example", "alice" ]`
    expect(keyOf([spaced], known).get('Principal')).toBe(alice)
  })

  it('takes the network of an IPv6 client for an address of it, however it is written', () => {
    expect(keyOf(['IP=2001:DB8::1/64'], known).get('IP')).toBe('2001:DB8::1')
  })

  const threeTexts = /--key (Principal|APIKey) needs the JSON array of provider, issuer and subject/
  it.each([
    ['Principal=acme-1', threeTexts],
    ['Principal=["shop/orders/staff","alice"]', threeTexts],
    ['Principal=["shop/orders/staff",null,"alice"]', threeTexts],
    ['Principal={}', threeTexts],
    ['APIKey=acme-1', threeTexts],
    ['Principal=["shop/orders/nobody","","a"]', /"shop\/orders\/nobody"; there is shop\/orders\/staff, shop/],
    [`APIKey=${alice}`, /"shop\/orders\/staff"; there is shop\/orders\/partners$/],
    ['APIKey=["shop/orders/partners","i","acme-1"]', /have no issuer/],
    ['IP=300.1.1.1', /needs an address, not "300\.1\.1\.1"/],
    ['IP=', /needs an address/],
    ['IP=192.0.2.0/64', /needs an address/],
    ['IP=fe80::1%eth0', /needs an address/],
    ['Route=orders', /NS\/NAME of a GatewayRoute in force, not "orders"; there is shop\/orders/],
    ['Tenant=', /Tenant needs a name/],
    ['tenant=acme', /no "tenant"; it has IP, Principal, APIKey, Tenant, Route, Header, Claim/],
    ['toString=acme', /no "toString"/],
    ['acme', /TYPE=VALUE, not "acme"/],
    ['=acme', /TYPE=VALUE/],
  ])('refuses %s', (text, message) => {
    expect(() => keyOf([text], known)).toThrow(message)
  })

  it('refuses a part that is given twice, whatever it says', () => {
    expect(() => keyOf(['Tenant=a', 'Tenant=a'], known)).toThrow('--key Tenant is given twice')
  })
})

describe('keyText', () => {
  it('names what is given and what is not', () => {
    expect(keyText(['Tenant', 'IP'], new Map([['Tenant', 'acme']]))).toBe('Tenant=acme, no IP')
  })
})
