import { describe, expect, it } from 'vitest'
import { ConfigError, readCertsConfig, readConfig } from './config.ts'

const least = {
  GATEHOUSE_INSTANCE: 'controller-0',
  GATEHOUSE_INSTALLATION: 'gatehouse-system/edge',
  GATEHOUSE_PUSH_DIRECTORY: '/etc/push',
}

describe('readConfig', () => {
  it('fills in the defaults', () => {
    expect(readConfig(least)).toEqual({
      installation: { namespace: 'gatehouse-system', name: 'edge' },
      instance: 'controller-0',
      pushDirectory: '/etc/push',
      push: { address: '0.0.0.0', port: 9443 },
      admin: { address: '0.0.0.0', port: 9091 },
      keySet: null,
      kubeconfig: null,
      dataplaneService: null,
      controllerService: null,
      dataplaneAccount: null,
      pushCertificates: null,
      lease: null,
      watchNamespaces: ['gatehouse-system'],
    })
  })

  it('reads what is set', () => {
    const config = readConfig({
      ...least,
      GATEHOUSE_PUSH: '[::1]:0',
      GATEHOUSE_ADMIN: '127.0.0.1:9',
      GATEHOUSE_DATAPLANE_SERVICE: 'gatehouse-system/edge-dataplane',
      GATEHOUSE_CONTROLLER_SERVICE: 'gatehouse-system/edge-controller',
      GATEHOUSE_DATAPLANE_ACCOUNT: 'gatehouse-system/edge-account',
      GATEHOUSE_PUSH_CERTIFICATES: 'External',
      GATEHOUSE_LEASE: 'gatehouse-system/edge-controller',
      GATEHOUSE_WATCH_NAMESPACES: 'shop, pay,shop',
      KUBECONFIG: '/tmp/kubeconfig',
    })
    expect(config.pushCertificates).toBe('External')
    expect(config.push).toEqual({ address: '::1', port: 0 })
    expect(config.admin).toEqual({ address: '127.0.0.1', port: 9 })
    expect(config.dataplaneService).toEqual({ namespace: 'gatehouse-system', name: 'edge-dataplane' })
    expect(config.controllerService).toEqual({ namespace: 'gatehouse-system', name: 'edge-controller' })
    expect(config.dataplaneAccount).toEqual({ namespace: 'gatehouse-system', name: 'edge-account' })
    expect(config.lease).toEqual({ namespace: 'gatehouse-system', name: 'edge-controller' })
    expect(config.watchNamespaces).toEqual(['shop', 'pay'])
    expect(config.kubeconfig).toBe('/tmp/kubeconfig')
  })

  it('reads the Secrets of every namespace only when that is written out', () => {
    expect(readConfig({ ...least, GATEHOUSE_WATCH_NAMESPACES: '*' }).watchNamespaces).toBeNull()
  })

  it.each([
    ['GATEHOUSE_INSTALLATION', undefined],
    ['GATEHOUSE_INSTALLATION', 'edge'],
    ['GATEHOUSE_INSTALLATION', 'a/b/c'],
    ['GATEHOUSE_PUSH_DIRECTORY', undefined],
    ['GATEHOUSE_PUSH', '9443'],
    ['GATEHOUSE_ADMIN', '127.0.0.1:70000'],
    ['GATEHOUSE_DATAPLANE_SERVICE', 'edge'],
    ['GATEHOUSE_CONTROLLER_SERVICE', ''],
    ['GATEHOUSE_DATAPLANE_ACCOUNT', ''],
    ['GATEHOUSE_PUSH_CERTIFICATES', 'own'],
    ['GATEHOUSE_LEASE', 'edge'],
    ['GATEHOUSE_WATCH_NAMESPACES', ''],
    ['GATEHOUSE_WATCH_NAMESPACES', 'shop,*'],
    ['GATEHOUSE_WATCH_NAMESPACES', 'shop/orders'],
  ])('names %s when it is %s', (variable, value) => {
    const broken = { ...least, [variable]: value }
    expect(() => readConfig(broken)).toThrow(ConfigError)
    expect(() => readConfig(broken)).toThrow(variable)
  })
})

describe('readCertsConfig', () => {
  const GATEHOUSE_INSTALLATION = 'gatehouse-system/edge'

  it('needs an installation, and makes certificates itself unless told otherwise', () => {
    const installation = { namespace: 'gatehouse-system', name: 'edge' }
    expect(readCertsConfig({ GATEHOUSE_INSTALLATION })).toEqual({
      installation,
      kubeconfig: null,
      pushCertificates: 'Own',
      redis: null,
    })
    const others = {
      GATEHOUSE_PUSH_CERTIFICATES: 'External',
      GATEHOUSE_REDIS: 'redis.a.svc:6379',
      KUBECONFIG: '/tmp/k',
    }
    expect(readCertsConfig({ GATEHOUSE_INSTALLATION, ...others })).toEqual({
      installation,
      kubeconfig: '/tmp/k',
      pushCertificates: 'External',
      redis: 'redis.a.svc:6379',
    })
  })

  it.each([
    ['GATEHOUSE_INSTALLATION', undefined],
    ['GATEHOUSE_INSTALLATION', `gatehouse-system/${'a'.repeat(64)}`],
    ['GATEHOUSE_PUSH_CERTIFICATES', ''],
    ['GATEHOUSE_REDIS', 'redis'],
  ])('names %s when it is %s', (variable, value) => {
    expect(() => readCertsConfig({ GATEHOUSE_INSTALLATION, [variable]: value })).toThrow(variable)
  })
})
