import { seal, type SealedResource } from '@gatehouse/contract'
import type { Issuer } from '../../test/support/issuer.ts'
import { startServedDataplane } from '../../test/support/servedDataplane.ts'
import {
  enforce,
  forwardTo,
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
  under,
} from '../../test/support/resources.ts'
import { guardedPolicy } from '../guardedPolicy.ts'
import { otherRoutes } from '../otherRoutes.ts'
import type { Peer, PeerStart, PeerSurroundings } from './peer.ts'

/** The data plane, configured over the push channel, with its default logs and metrics. */
export const gatewayPeers = (surroundings: PeerSurroundings, issuer: Issuer): readonly PeerStart[] => [
  { name: 'gatehouse', start: () => start('gatehouse', surroundings, resources(surroundings, issuer)) },
  {
    name: 'gatehouse-10000-routes',
    start: () =>
      start('gatehouse-10000-routes', surroundings, [
        ...resources(surroundings, issuer),
        ...otherRoutes(10_000, ['http', 'https']).map(seal),
      ]),
  },
]

async function start(name: string, { core }: PeerSurroundings, resources: readonly SealedResource[]): Promise<Peer> {
  const served = await startServedDataplane(resources, { core })
  const [plain, secure] = [await served.process.listener('http'), await served.process.listener('https')]
  served.process.discardLines()
  return {
    name,
    version: 'this tree',
    skills: new Set(
      name === 'gatehouse' ? ['plain', 'tls', 'policy', 'h2', 'grpc', 'websocket', 'routes'] : ['routes'],
    ),
    pid: served.process.pid,
    ports: { plain: plain.port, secure: secure.port },
    close: () => served.close(),
  }
}

function resources({ backend, grpc, certificate }: PeerSurroundings, issuer: Issuer): SealedResource[] {
  const tls = {
    certificates: ['gatehouse-system/shop'],
    minVersion: 'TLS1_2' as const,
    clientCertificate: { mode: 'Off' as const, trust: null },
  }
  return [
    installationResource(),
    listenerResource(),
    listenerResource({ protocol: 'HTTPS', tls }, 'https'),
    {
      kind: 'certificate' as const,
      name: 'gatehouse-system/shop',
      spec: { chain: certificate.certificate, privateKey: certificate.privateKey },
    },
    ...upstreamResources('orders', [{ address: '127.0.0.1', port: backend }]),
    ...upstreamResources('echo', [{ address: '127.0.0.1', port: grpc }], { protocol: 'H2C' }),
    { kind: 'keySet' as const, name: 'shop/keys', spec: { type: 'Inline' as const, keys: [issuer.jwk] } },
    policyResource(),
    guardedPolicy(issuer, { name: 'guarded', limit: 1_000_000, window: 1000 }),
    guardedPolicy(issuer, { name: 'limited', limit: 1, window: 3_600_000 }),
    routeResource(
      [
        ruleTo('orders', { name: 'public', matches: under('/public') }),
        ruleTo('orders', { name: 'upload', matches: under('/upload') }),
        ruleTo('orders', {
          name: 'socket',
          matches: under('/socket'),
          action: forwardTo('orders', { upgrades: ['websocket'] }),
        }),
        ruleTo('echo', { name: 'grpc', matches: under('/bench.Echo') }),
        ruleTo('orders', { name: 'guarded', matches: under('/guarded'), access: enforce('guarded') }),
        ruleTo('orders', { name: 'limited', matches: under('/limited'), access: enforce('limited') }),
      ],
      { listeners: ['http', 'https'] },
    ),
  ].map(seal)
}
