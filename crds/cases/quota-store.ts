import { ruleCases, structureCases, type Case } from './case.ts'

const listeners = [{ name: 'http', port: 8080, protocol: 'HTTP' }]

const counting = (quotaStore: object) => ({ listeners, quotaStore })
const redis = (over: object) =>
  counting({ type: 'Redis', redis: { topology: 'Single', servers: [{ host: 'redis.example' }], ...over } })
const twoServers = [{ host: 'a.example' }, { host: 'b.example' }]

const rules: readonly Case[] = [
  ...ruleCases(
    'Gatehouse',
    { at: 'spec.quotaStore', message: 'redis is required with type: Redis, and only then' },
    {
      accepted: {
        'counting in memory by default': { listeners },
        'counting in memory': counting({ type: 'Memory' }),
        'counting in Redis': redis({}),
      },
      refused: {
        'Redis without servers': counting({ type: 'Redis' }),
        'servers for nothing': counting({
          type: 'Memory',
          redis: { topology: 'Single', servers: [{ host: 'redis.example' }] },
        }),
      },
    },
  ),
  ...ruleCases(
    'Gatehouse',
    {
      at: 'spec.quotaStore.redis',
      message: 'primary is required with topology: Sentinel, and only then',
    },
    {
      accepted: {
        'Sentinels that watch a group': redis({ topology: 'Sentinel', servers: twoServers, primary: 'shop' }),
      },
      refused: {
        'Sentinels that watch nothing': redis({ topology: 'Sentinel' }),
        'a group that nobody watches': redis({ topology: 'Cluster', primary: 'shop' }),
      },
    },
  ),
  ...ruleCases(
    'Gatehouse',
    { at: 'spec.quotaStore.redis', message: 'topology: Single has one server' },
    {
      accepted: {
        'one server': redis({ topology: 'Single' }),
        'some nodes of a Cluster': redis({ topology: 'Cluster', servers: twoServers }),
      },
      refused: { 'two single servers': redis({ servers: twoServers }) },
    },
  ),
  ...ruleCases(
    'Gatehouse',
    { at: 'spec', message: 'a quotaStore on loopback is not dialled without outbound.allowLoopback: true' },
    {
      accepted: {
        'a store on loopback where that is allowed': {
          ...redis({ servers: [{ host: '127.0.0.1' }] }),
          outbound: { allowLoopback: true },
        },
        'a store whose name looks like loopback': redis({ servers: [{ host: '127.0.0.1.example' }] }),
        'a store on a private address': redis({ servers: [{ host: '10.0.0.1' }] }),
      },
      refused: {
        'a store on loopback': redis({ servers: [{ host: '127.0.0.1' }] }),
        'a store on localhost': redis({ servers: [{ host: 'localhost' }] }),
        'one server of many on loopback': redis({
          topology: 'Cluster',
          servers: [{ host: 'a.example' }, { host: '127.9.9.9' }],
        }),
      },
    },
  ),
]

const structure = structureCases('Gatehouse', {
  accepted: {
    'a store with a credential': redis({ secretRef: { name: 'redis' } }),
    'a store behind TLS': redis({ tls: {} }),
  },
  refused: {
    'a store of no kind': counting({}),
    'servers without type': counting({ redis: { topology: 'Single', servers: [{ host: 'redis.example' }] } }),
    'servers without topology': counting({ type: 'Redis', redis: { servers: [{ host: 'redis.example' }] } }),
    'a store of another kind': counting({ type: 'Memcached' }),
    'a store nowhere': counting({ type: 'Redis', redis: { servers: [] } }),
    'a store without host': redis({ servers: [{ port: 6379 }] }),
    'one server of a store twice': redis({ topology: 'Cluster', servers: [twoServers[0], twoServers[0]] }),
    'a store with a password in the open': redis({ password: 'secret' }),
    'a store with the credential of a ConfigMap': redis({ secretRef: { kind: 'ConfigMap', name: 'redis' } }),
    'a group of a store with a line end': redis({ topology: 'Sentinel', primary: 'shop\n' }),
  },
})

export const quotaStoreCases: readonly Case[] = [...rules, ...structure]

/** With every field. */
export const fullQuotaStore = {
  type: 'Redis',
  redis: {
    topology: 'Sentinel',
    servers: [{ host: 'redis.example', port: 26379 }],
    primary: 'shop',
    tls: {
      hostname: 'redis.example',
      caCertificateRefs: [{ group: '', kind: 'ConfigMap', namespace: 'tls', name: 'redis-ca' }],
    },
    secretRef: { group: '', kind: 'Secret', name: 'redis' },
  },
}
