import { describe, expect, it } from 'vitest'
import type { Gateway } from '../gateway/gateway.ts'
import { addressRules, mayDialEndpoint, mayFetchFrom, permitsEndpoint } from './addressRules.ts'

const outbound = (over: object = {}) => ({
  podCIDRs: [],
  allowLoopback: false,
  deniedAddresses: ['192.0.2.7/32'],
  ...over,
})
const rules = addressRules(outbound())

const everywhereForbidden = [
  '127.0.0.1',
  '127.255.255.254',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '0.0.0.0',
  '0.1.2.3',
  '::',
  '::127.0.0.1',
  '::a9fe:a9fe',
  '169.254.169.254',
  '::ffff:169.254.169.254',
  'fe80::1',
  'febf::1',
  '224.0.0.1',
  '239.1.2.3',
  '255.255.255.255',
  '240.0.0.1',
  'ff02::1',
  '64:ff9b::7f00:1',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::1',
  '2002:7f00:1::',
  '2001:0:1::1',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd20:ce::254',
  '192.0.2.7',
  '::ffff:192.0.2.7',
  '',
  'localhost',
  '127.1',
  '2130706433',
  '0x7f000001',
  '1.2.3.4:80',
  '[::1]',
]

describe('addresses (M13)', () => {
  it.each(everywhereForbidden)('%j is never dialled', (address) => {
    expect(mayDialEndpoint(rules, address)).toBe(false)
    expect(mayFetchFrom(rules, address, 'Public')).toBe(false)
    expect(mayFetchFrom(rules, address, 'Private')).toBe(false)
  })

  it.each([
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    'fd00::1',
    'fc00::1',
    '198.18.0.1',
    '::ffff:10.0.0.1',
  ])('%s is for endpoints and for hosts that say so', (address) => {
    expect(mayDialEndpoint(rules, address)).toBe(true)
    expect(mayFetchFrom(rules, address, 'Public')).toBe(false)
    expect(mayFetchFrom(rules, address, 'Private')).toBe(true)
  })

  it.each(['203.0.113.1', '172.32.0.1', '100.128.0.1', '2606:4700::1', '192.0.2.8'])(
    '%s is for everybody',
    (address) => {
      expect(mayDialEndpoint(rules, address)).toBe(true)
      expect(mayFetchFrom(rules, address, 'Public')).toBe(true)
    },
  )

  it('keeps endpoints to the pod ranges', () => {
    const pods = addressRules(outbound({ podCIDRs: ['10.1.0.0/16', 'fd00:1::/64'] }))
    expect(mayDialEndpoint(pods, '10.1.2.3')).toBe(true)
    expect(mayDialEndpoint(pods, 'fd00:1::5')).toBe(true)
    expect(mayDialEndpoint(pods, '10.2.0.1')).toBe(false)
    expect(mayDialEndpoint(pods, '203.0.113.1')).toBe(false)
    expect(mayDialEndpoint(addressRules(outbound({ podCIDRs: ['nonsense'] })), '10.1.2.3')).toBe(false)
  })

  it('lets nothing out when a denied range cannot be read', () => {
    const broken = addressRules(outbound({ deniedAddresses: ['::ffff:10.0.0.0/8'] }))
    expect(mayDialEndpoint(broken, '203.0.113.1')).toBe(false)
    expect(mayFetchFrom(broken, '203.0.113.1', 'Public')).toBe(false)
  })

  it('fetches from loopback only where that is allowed', () => {
    const dev = addressRules(outbound({ allowLoopback: true }))
    expect(mayFetchFrom(dev, '127.0.0.1', 'Public')).toBe(true)
    expect(mayFetchFrom(dev, '169.254.169.254', 'Private')).toBe(false)
    expect(mayDialEndpoint(dev, '127.0.0.1')).toBe(false)
  })

  it('exempts only targets given by hand', () => {
    const gateway = { installation: { outbound: outbound() } } as unknown as Gateway
    const plain = { protocol: 'HTTP1', tls: null, host: null } as const
    const spec = { namespace: 'a', owner: 'a', authority: 'b.a:1', ...plain, exemptFromAddressRules: false }
    expect(permitsEndpoint('127.0.0.1', spec, gateway)).toBe(false)
    expect(permitsEndpoint('127.0.0.1', { ...spec, exemptFromAddressRules: true }, gateway)).toBe(true)
    expect(permitsEndpoint('10.0.0.1', spec, gateway)).toBe(true)
  })
})
