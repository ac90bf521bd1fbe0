import { describe, expect, it } from 'vitest'
import { startBackend } from '../support/backend.ts'
import { everything, received, toEcho, useFixture, type Fixture } from './fixture.ts'
import { manifests } from './manifests.ts'
import { hostAddress } from './network.ts'

const { service, route, policy, anyone } = manifests

const fixture = useFixture()
const ask: Fixture['ask'] = (...args) => fixture().ask(...args)
const until: Fixture['until'] = (...args) => fixture().until(...args)
const apply: Fixture['apply'] = (...args) => fixture().apply(...args)

describe('routing', () => {
  it('serves exact paths, prefixes, methods and headers, most specific first', async () => {
    const rules = [
      { name: 'exact', matches: [{ path: { type: 'Exact', value: '/a' } }], backendRefs: toEcho },
      {
        name: 'versioned',
        matches: [
          { path: { type: 'PathPrefix', value: '/a' }, methods: ['GET'], headers: [{ name: 'x-version', value: '2' }] },
        ],
        backendRefs: [{ name: 'missing', port: 80 }],
      },
      {
        name: 'prefix',
        matches: [{ path: { type: 'PathPrefix', value: '/a' }, methods: ['GET'] }],
        backendRefs: toEcho,
      },
    ]
    await fixture().installation.apply([route('routing', rules), policy('routing', anyone)])
    await fixture().installation.wait('gatewayroute/routing', 'Programmed')
    await fixture().installation.wait('gatewayroute/routing', 'ResolvedRefs', 'False')
    expect(received(await ask('routing.shop.example/a?q=1')).target).toBe('/a?q=1')
    expect((await ask('routing.shop.example/a/b')).status).toBe(200)
    expect(await ask('routing.shop.example/a/b', '--header', 'X-Version: 2')).toMatchObject({
      status: 500,
      code: 'config-invalid',
    })
    expect(await ask('routing.shop.example/a/b', '--request', 'POST')).toMatchObject({ status: 404, code: 'no-route' })
    expect(await ask('routing.shop.example/ab')).toMatchObject({ status: 404, code: 'no-route' })
    expect(await ask('nothing.shop.example/')).toMatchObject({ status: 404, code: 'no-route' })
  })

  it('splits by weight, and follows endpoints', async () => {
    const other = await startBackend(undefined, hostAddress)
    try {
      const refs = [
        { name: 'echo', port: 80, weight: 0 },
        { name: 'split', port: 80, weight: 1 },
      ]
      await apply(
        [
          ...service('split', [other.port]),
          route('split', [{ name: 'all', backendRefs: refs }]),
          policy('split', anyone),
        ],
        'split',
      )
      expect((await ask('split.shop.example/')).status).toBe(200)
      expect(other.requests).toHaveLength(3)
      await fixture().installation.apply(service('split', []))
      await until('split.shop.example/', 503)
      await fixture().installation.apply(service('split', [fixture().backend.port]))
      await until('split.shop.example/', 200)
    } finally {
      await other.close()
    }
  })

  it('refuses a host that the namespace does not own, and says so', async () => {
    await fixture().installation.apply([
      route('thief', everything(), { namespace: 'other', hostname: 'thief.shop.example' }),
    ])
    const args = ['wait', '-n', 'other', 'gatewayroute/thief', '--for=condition=Accepted=False', '--timeout=30s']
    await fixture().installation.api.kubectl(args)
    expect(await ask('thief.shop.example/')).toMatchObject({ status: 404, code: 'no-route' })
  })

  it('keeps listeners apart: one requires a certificate, and no connection of the other reaches it', async () => {
    await expect(ask('partner.shop.example/')).rejects.toThrow('curl')
    const answer = await ask('routing.shop.example/a', '--header', 'Host: partner.shop.example')
    expect(answer).toMatchObject({ status: 421, code: 'misdirected' })
  })
})

describe('limits', () => {
  it('answers 429 with Retry-After beyond a quota', async () => {
    const rates = [{ limit: 1, window: '1h', burst: 2 }]
    const quotas = [{ name: 'burst', keys: [{ type: 'Route' }], algorithm: 'TokenBucket', scope: 'Replica', rates }]
    await apply([route('quota', everything()), policy('quota', { ...anyone, quotas })], 'quota')
    expect((await ask('quota.shop.example/')).status).toBe(200)
    expect((await ask('quota.shop.example/')).status).toBe(200)
    const answer = await ask('quota.shop.example/')
    expect(answer).toMatchObject({ status: 429, code: 'quota-exceeded' })
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  })

  it('answers 504 when a backend takes too long, and opens the breaker of one that fails', async () => {
    const failing = await startBackend(undefined, hostAddress)
    failing.respond(() => undefined)
    try {
      const rule = {
        name: 'all',
        backendRefs: [{ name: 'failing', port: 80 }],
        timeouts: { backendRequest: '100ms' },
        circuitBreaker: { errorPercent: 50, minRequests: 3, window: '1m', openFor: '5m' },
      }
      await apply(
        [...service('failing', [failing.port]), route('failing', [rule]), policy('failing', anyone)],
        'failing',
      )
      for (let request = 0; request < 3; request++) {
        expect(await ask('failing.shop.example/')).toMatchObject({ status: 504, code: 'upstream-timeout' })
      }
      const before = failing.accepted()
      const answer = await ask('failing.shop.example/')
      expect(answer).toMatchObject({ status: 503, code: 'circuit-open' })
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
      expect(failing.accepted()).toBe(before)
    } finally {
      await failing.close()
    }
  })

  it('never leads to its own Service', async () => {
    const itself = [
      { ...service('loop', [])[0] },
      {
        ...(service('loop', [8443])[1] as object),
        endpoints: [{ addresses: [fixture().installation.addresses[0]], conditions: { ready: true } }],
      },
    ]
    await apply(
      [...itself, route('loop', [{ name: 'all', backendRefs: [{ name: 'loop', port: 80 }] }]), policy('loop', anyone)],
      'loop',
    )
    const { status } = await ask('loop.shop.example/')
    expect([502, 503]).toContain(status)
  })
})
