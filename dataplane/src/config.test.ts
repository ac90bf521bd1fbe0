import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

const least = {
  GATEHOUSE_INSTALLATION: 'gatehouse-system/edge',
  GATEHOUSE_CONTROLLERS: 'gatehouse-controller:9443',
  GATEHOUSE_PUSH_DIRECTORY: '/etc/gatehouse/push',
}

describe('readConfig', () => {
  it('needs three variables and fills in the rest', () => {
    expect(readConfig({ ...least, GATEHOUSE_INSTANCE: 'dp-0' })).toEqual({
      installation: { namespace: 'gatehouse-system', name: 'edge' },
      controllers: ['gatehouse-controller:9443'],
      pushDirectory: '/etc/gatehouse/push',
      pushToken: null,
      lastGood: null,
      instance: 'dp-0',
      zone: null,
      admin: { address: '0.0.0.0', port: 9090 },
      perRouteMetrics: false,
      overloadPercent: 90,
      logs: { security: true, audit: true },
      drain: { delay: 5000, deadline: 30_000 },
    })
  })

  it('reads several controllers and IPv6 addresses', () => {
    const config = readConfig({ ...least, GATEHOUSE_CONTROLLERS: 'a:1, [::1]:2', GATEHOUSE_ADMIN: '[::]:0' })
    expect(config.controllers).toEqual(['a:1', '[::1]:2'])
    expect(config.admin).toMatchObject({ address: '::', port: 0 })
  })

  it('takes a share of the memory, and nothing that is none', () => {
    expect(readConfig({ ...least, GATEHOUSE_OVERLOAD_PERCENT: '0' }).overloadPercent).toBe(0)
    for (const wrong of ['101', '-1', '50%', ''])
      expect(() => readConfig({ ...least, GATEHOUSE_OVERLOAD_PERCENT: wrong })).toThrow('GATEHOUSE_OVERLOAD_PERCENT')
  })

  it('knows its zone when it is told', () => {
    expect(readConfig({ ...least, GATEHOUSE_ZONE: 'eu-west-1a' }).zone).toBe('eu-west-1a')
    expect(readConfig({ ...least, GATEHOUSE_ZONE: '' }).zone).toBeNull()
  })

  it('reads where the token is and where the last good snapshot goes', () => {
    const config = readConfig({ ...least, GATEHOUSE_PUSH_TOKEN: '/token', GATEHOUSE_LAST_GOOD: '/var/lib/gatehouse' })
    expect(config).toMatchObject({ pushToken: '/token', lastGood: '/var/lib/gatehouse' })
  })

  it.each([
    ['GATEHOUSE_PUSH_TOKEN', ''],
    ['GATEHOUSE_LAST_GOOD', ''],
    ['GATEHOUSE_INSTALLATION', ''],
    ['GATEHOUSE_INSTALLATION', 'edge'],
    ['GATEHOUSE_INSTALLATION', 'a/b/c'],
    ['GATEHOUSE_CONTROLLERS', 'a'],
    ['GATEHOUSE_CONTROLLERS', 'a:1,'],
    ['GATEHOUSE_CONTROLLERS', 'https://a:1'],
    ['GATEHOUSE_PUSH_DIRECTORY', ''],
    ['GATEHOUSE_ADMIN', '0.0.0.0:99999'],
    ['GATEHOUSE_METRICS_PER_ROUTE', 'yes'],
    ['GATEHOUSE_AUDIT_LOG', 'OFF'],
    ['GATEHOUSE_DRAIN_DELAY', '5s'],
  ])('names %s when it is %j', (variable, value) => {
    const read = (): unknown => readConfig({ ...least, [variable]: value })
    expect(read).toThrow(ConfigError)
    expect(read).toThrow(new RegExp(`^${variable} `))
  })
})
