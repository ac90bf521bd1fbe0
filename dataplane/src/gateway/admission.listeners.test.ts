import { describe, expect, it } from 'vitest'
import type { Resource } from '@gatehouse/contract'
import { apiKey, decide, gateway, under } from './callerFixture.ts'
import {
  addressesFrom,
  anonymous,
  certificateOf,
  connection,
  forgetful,
  listener,
  match,
  request,
  route,
  rule,
} from './snapshotFixture.ts'

describe('listeners', () => {
  it('keep credentials off plain connections unless told', async () => {
    const refusing = listener({ plaintextCredentials: 'Refuse' })
    expect(await decide(gateway(refusing))).toBe('permit')
    expect(await decide(under({ providers: [anonymous, apiKey] }, refusing))).toBe('config config-invalid')
    expect(await decide(under({ providers: [anonymous, apiKey] }))).toBe('permit')
  })

  it('serve only their hosts', async () => {
    const narrow = gateway(
      listener({ hostname: '*.shop.example' }),
      route({ hostnames: ['api.example', 'a.shop.example'] }),
    )
    expect(await decide(narrow)).toBe('route no-route')
    expect(await decide(narrow, request('/', [], { rawHeaders: ['Host', 'A.shop.example:80'] }))).toBe('permit')
  })

  it('are known to admission or refuse', async () => {
    const gone = [connection({ socket: 'HTTP 127.0.0.1 9' }), connection({ scheme: 'https', listener: 'gone' })]
    for (const one of gone)
      expect(await decide(gateway(), request('/', [], { connection: one }))).toBe('route misdirected')
    // The socket is what a connection without TLS came in by, whatever listener stood for it then.
    const renamed = connection({ listener: 'gone' })
    expect(await decide(gateway(), request('/', [], { connection: renamed }))).toBe('permit')
  })

  describe('of one plain socket', () => {
    const sharing = gateway(
      listener({ hostname: null, plaintextCredentials: 'Allow' }),
      listener({ hostname: '*.example', clientAddress: addressesFrom('192.0.2.0/24') }, 'wide'),
      listener({ hostname: 'shut.example', plaintextCredentials: 'Refuse' }, 'shut'),
      route({ hostnames: ['*.example'], listeners: ['wide', 'http'] }),
      route({ hostnames: ['shut.example'], listeners: ['shut'], rules: [rule({ matches: [match('/only')] })] }, 'shut'),
      route({ hostnames: ['elsewhere.test'], listeners: ['http', 'wide', 'shut'] }, 'elsewhere'),
    )
    const asked = (host: string, target = '/', headers: readonly string[] = []) =>
      request(target, [], { rawHeaders: ['Host', host, ...headers] })

    it.each([
      ['a.example', '/', 'permit'],
      ['A.EXAMPLE.:8080', '/', 'permit'],
      ['shut.example', '/only', 'permit'],
      ['shut.example', '/', 'route no-route'],
      ['SHUT.example:8080', '/', 'route no-route'],
      ['elsewhere.test', '/', 'permit'],
      ['other.test', '/', 'route no-route'],
    ])('that of %s decides %s: %s', async (host, target, expected) => {
      expect(await decide(sharing, asked(host, target))).toBe(expected)
    })

    it('say each for itself whom they believe, and which they are', async () => {
      const from = ['X-Forwarded-For', '198.51.100.7']
      const permitted = async (host: string) => {
        const opinion = await sharing.gateway.admit(asked(host, '/', from), forgetful)
        return opinion.outcome === 'permit' ? opinion.content.facts : null
      }
      expect(await permitted('a.example')).toMatchObject({
        clientAddress: '198.51.100.7',
        connection: { listener: 'wide' },
      })
      expect(await permitted('elsewhere.test')).toMatchObject({
        clientAddress: '192.0.2.1',
        connection: { listener: 'http' },
      })
    })
  })

  const tls = (mode: 'Off' | 'Request' | 'Require', certificates = ['ops/a']) => ({
    certificates,
    minVersion: 'TLS1_2' as const,
    clientCertificate: { mode, trust: mode === 'Off' ? null : 'ops/trust' },
  })
  const secure = (hostname: string | null, mode: 'Off' | 'Request' | 'Require', name: string) =>
    listener({ protocol: 'HTTPS', port: 8443, hostname, tls: tls(mode) }, name)
  const trust: Resource = { kind: 'trust', name: 'ops/trust', spec: { anchors: [] } }
  const built = gateway(
    secure(null, 'Off', 'all'),
    secure('admin.example', 'Require', 'admin'),
    secure('ask.example', 'Request', 'ask'),
    trust,
    route({
      listeners: ['all', 'admin', 'ask'],
      hostnames: ['admin.example', 'ask.example', 'api.example', 'b.example'],
    }),
  )
  const trustHash = built.parsed.trust.get('ops/trust')!.hash
  const over = (name: string, serverName: string | null, facts: object = {}) =>
    connection({ listener: name, scheme: 'https', serverName, ...facts })
  const certificate = certificateOf()

  it.each<[string, ReturnType<typeof connection>, string, string]>([
    ['the same host', over('all', 'api.example'), 'api.example', 'permit'],
    ['another host of the same listener', over('all', 'api.example'), 'b.example', 'permit'],
    ['another case', over('all', 'api.example'), 'API.example.', 'permit'],
    ['no name and a host for everybody', over('all', null), 'api.example', 'permit'],
    ['no name and a host with rules of its own', over('all', null), 'admin.example', 'route misdirected'],
    ['the host of a stricter listener', over('all', 'api.example'), 'admin.example', 'route misdirected'],
    [
      'the host of a laxer listener',
      over('admin', 'admin.example', { trustHash, clientCertificate: certificate }),
      'api.example',
      'route misdirected',
    ],
    [
      'a verified certificate',
      over('admin', 'admin.example', { trustHash, clientCertificate: certificate }),
      'admin.example',
      'permit',
    ],
    [
      'no certificate where one is required',
      over('admin', 'admin.example', { trustHash }),
      'admin.example',
      'route misdirected',
    ],
    ['no certificate where one is asked for', over('ask', 'ask.example', { trustHash }), 'ask.example', 'permit'],
    [
      'other client CAs than now',
      over('ask', 'ask.example', { trustHash: 'old', clientCertificate: certificate }),
      'ask.example',
      'route misdirected',
    ],
    ['no certificate, from before client CAs', over('ask', 'ask.example'), 'ask.example', 'permit'],
    [
      'a connection of before the stricter listener',
      over('all', 'admin.example'),
      'admin.example',
      'route misdirected',
    ],
    [
      'another certificate than would be chosen',
      over('all', 'api.example', { certificate: 'ops/old' }),
      'api.example',
      'route misdirected',
    ],
    ['plain HTTP on a TLS socket', connection({ socket: 'HTTPS 127.0.0.1 8443' }), 'api.example', 'route misdirected'],
  ])('with TLS: %s', async (_name, facts, host, expected) => {
    expect(await decide(built, request('/', [], { rawHeaders: ['Host', host], connection: facts }))).toBe(expected)
  })

  it('without their trust fit no connection', async () => {
    const missing = gateway(secure(null, 'Request', 'all'), route({ listeners: ['all'] }))
    for (const hash of [null, 'x', trustHash])
      expect(
        await decide(missing, request('/', [], { connection: over('all', 'api.example', { trustHash: hash }) })),
      ).toBe('route misdirected')
  })
})
