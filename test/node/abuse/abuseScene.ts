import { rm } from 'node:fs/promises'
import type { ConnectionOptions } from 'node:tls'
import { request, send, sendAll, together, type Answers } from '../../load/abuseClients.ts'
import type { AbuseScene } from '../../load/abuseScripts.ts'
import { host } from '../../load/abuseShop.ts'
import type { Authority } from '../../support/authority.ts'
import { createIssuer } from '../../support/issuer.ts'
import type { LogLine } from '../../support/logs.ts'
import { waitUntil } from '../../support/waitUntil.ts'
import { json, startIdentityProvider } from '../policy/identityProvider.ts'
import { bridgeSocket } from '../policy/nodeBridge.ts'
import type { PolicyWorld } from '../policy/policyWorld.ts'
import { abuseObjects, deniedForSure, deniedList, paths } from './abuseObjects.ts'
import { setAhead } from './steerClocks.ts'

/** The installation as the scripts of `proof-abuse` see it, and what ends it. */
export interface NodeScene extends AbuseScene {
  close(): Promise<void>
}

/** Name of the socket by which data planes reach the test. */
export const abuseSocket = 'abuse'

/** The records of all data planes. */
async function recordsOf({ release }: PolicyWorld): Promise<readonly LogLine[]> {
  const selector = `app.kubernetes.io/instance=${release.name},app.kubernetes.io/component=dataplane`
  const text = await release.kubectl('logs', '-l', selector, '--tail=-1')
  const lines = text.split('\n').filter((line) => line.startsWith('{'))
  return lines.map((line) => JSON.parse(line) as LogLine)
}

/** Requests that the Pods of the shop have got. */
async function reached({ node, shop }: PolicyWorld): Promise<number> {
  const template = 'jsonpath={range .items[*]}{.status.podIP}{"\\n"}{end}'
  const { stdout } = await node.kubectl(['-n', shop, 'get', 'pods', '-l', 'app=shop', '-o', template])
  const pods = stdout.split('\n').filter((line) => line !== '')
  const counts = pods.map((address) => node.inside(['curl', '-sS', `http://${address}:8080/served`]))
  return (await Promise.all(counts)).reduce((sum, count) => sum + Number(count.stdout), 0)
}

/** Makes the shop of the scripts and waits until all of it is in force. */
export async function openAbuseScene(world: PolicyWorld, authority: Authority): Promise<NodeScene> {
  const { bridge, dataplanes, objects, release, shop } = world
  const [issuer, impostor] = await Promise.all(
    [0, 1].map(() => createIssuer({ issuer: 'https://keys.example', kid: 'staff' })),
  )
  if (issuer === undefined || impostor === undefined) throw new Error('there is no issuer')
  const events: string[] = []
  const socket = bridgeSocket(world.node, abuseSocket)
  await rm(socket, { force: true })
  const outside = await startIdentityProvider(
    socket,
    authority,
    new Map([
      [paths.introspection, json({ active: false })],
      [paths.events, (response, _token, body) => void (events.push(body), response.writeHead(204).end())],
    ]),
  )
  await objects.apply(...abuseObjects(shop, { namespace: release.namespace, name: release.name }, issuer))
  for (const kind of ['gatewayroute/orders', 'accesspolicy/orders', 'accesspolicy/route'])
    await world.node.kubectl(['-n', shop, 'wait', kind, '--for=condition=Programmed', '--timeout=60s'])

  const at = (address: string, port: number) => ({
    address,
    port,
    tls: async (): Promise<ConnectionOptions> => ({
      socket: await bridge.connect(address, port),
      ca: release.authority.certificate,
      servername: host,
    }),
  })
  const door = at(await release.address(), 443)
  const each = dataplanes.map((address) => at(address, 8443))
  return {
    dataplanes: dataplanes.length,
    issuer,
    impostor,
    patience: { every: 500 },
    attack: (byAddress) => sendAll(door, byAddress),
    everywhere: async (requests) => together(await Promise.all(each.map((target) => send(target, requests)))),
    setAhead: (offset) => setAhead(world, offset),
    reached: () => reached(world),
    asked: () => outside.usage(paths.introspection).calls,
    records: async (holds) => (await recordsOf(world)).filter(holds).length,
    events: () => events,
    deny: async (range) => {
      const written = performance.now()
      await objects.apply(deniedList(shop, [range, deniedForSure]))
      const asking = request(deniedForSure, 'Accept: */*')
      const statuses = (): Promise<Answers['statuses'][]> => Promise.all(each.map((target) => send(target, [asking])))
      await waitUntil(async () => (await statuses()).every((one) => one.has(403)), 'every data plane denies')
      return performance.now() - written
    },
    close: outside.close,
  }
}
