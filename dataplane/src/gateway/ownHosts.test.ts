import { describe, expect, it } from 'vitest'
import { decide, gateway } from './callerFixture.ts'
import { listener, request, route } from './snapshotFixture.ts'

const clientCertificate = { mode: 'Off' as const, trust: null }
const tls = { certificates: [], minVersion: 'TLS1_2' as const, clientCertificate }
const secure = { port: 8443, protocol: 'HTTPS' as const, tls }

describe('listeners of one socket and hostname', () => {
  it('are the first by name; the other is refused, and what names it', async () => {
    const built = gateway(
      listener({ plaintextCredentials: 'Allow' }, 'second'),
      route({ hostnames: ['a.example'] }, 'a'),
      route({ listeners: ['http', 'second'], hostnames: ['b.example'] }, 'b'),
    )
    expect(built.refused).toEqual([{ resource: 'listener/second', field: '/hostname', reason: 'InvalidValue' }])
    expect([...built.parsed.listener.keys()]).toEqual(['http'])
    const asked = (host: string) => decide(built, request('/', [], { rawHeaders: ['Host', host] }))
    expect(await asked('a.example')).toBe('permit')
    expect(await asked('b.example')).toBe('config config-invalid')
  })

  it('are refused with TLS too', () => {
    const built = gateway(
      listener({ hostname: 'b.example', ...secure }, 'two'),
      listener({ hostname: 'b.example', ...secure }, 'one'),
    )
    expect(built.refused).toEqual([{ resource: 'listener/two', field: '/hostname', reason: 'InvalidValue' }])
  })

  it('are others with another address, port, protocol or hostname', () => {
    const built = gateway(
      listener({ address: '127.0.0.2' }, 'address'),
      listener({ port: 8081 }, 'port'),
      listener({ hostname: 'b.example' }, 'hostname'),
      listener(secure, 'one'),
      listener({ hostname: 'b.example', ...secure }, 'two'),
    )
    expect(built.refused).toEqual([])
    expect(built.parsed.listener.size).toBe(6)
  })
})
