import { setTimeout as pause } from 'node:timers/promises'
import type { ClusterNode } from '../cluster/clusterNode.ts'
import type { Report } from '../support/report.ts'
import { waitUntil } from '../support/waitUntil.ts'
import { ask } from './ask.ts'
import type { Release } from './gatehouseRelease.ts'
import { killContainer } from './killContainer.ts'
import { lostIn } from './load/loadResult.ts'
import { startLoad } from './load/loadRun.ts'
import { host, route } from './shop.ts'

/** How much is proved. */
export interface OutageSize {
  /** Seconds without API server and controllers. */
  readonly seconds: number
  /** Requests a second. */
  readonly rate: number
  /** Seconds that the first edit may take afterwards. In a short outage the Lease of the killed leader has still to end. */
  readonly resync: number
}

/** Whether a data plane answers so; one that does not answer at all does not. */
const answers = (node: ClusterNode, release: Release, address: string, path: string): Promise<boolean> =>
  ask(node, release, path, `${address}:8443`).then(
    ({ status }) => status === 200,
    () => false,
  )

/** Waits until every data plane answers so. @returns milliseconds */
async function untilAll(addresses: readonly string[], ask: (address: string) => Promise<boolean>): Promise<number> {
  const started = performance.now()
  const patience = { within: 120_000, every: 50 }
  for (const address of addresses) await waitUntil(() => ask(address), `${address} answers so`, patience)
  return performance.now() - started
}

const signal = (node: ClusterNode, name: string, program: string) => node.inside(['pkill', `-${name}`, '-x', program])

/** The API server freezes, so that nothing is refused and nothing is answered, and the controllers are killed. */
async function begin(node: ClusterNode, release: Release): Promise<void> {
  const controllers = await release.containers('controller')
  await signal(node, 'STOP', 'kube-apiserver')
  for (const container of controllers) await killContainer(node, container)
}

/** Takes API server and controllers away under load, kills a data plane meanwhile, and brings them back. */
export async function proveOutage(
  node: ClusterNode,
  { release, shop }: { readonly release: Release; readonly shop: string },
  size: OutageSize,
  report: Report,
): Promise<void> {
  const address = await release.address()
  const addresses = await release.podAddresses('dataplane')
  const [victim = '', ...others] = await release.containers('dataplane')
  const load = (target: string, port: number) =>
    startLoad(node, {
      address: target,
      port,
      host,
      caFile: release.caFile,
      paths: ['/', '/modern'],
      uploadPath: '/upload',
      downloadPath: '/download',
      rate: size.rate,
      transfer: 5_000,
    })
  const survivor = addresses[others.length > 0 ? 1 : 0] ?? address
  const steady = load(survivor, 8443)
  await begin(node, release)
  try {
    await pause((size.seconds * 1000) / 2)
    await killContainer(node, victim)
    const again = await untilAll([addresses[0] ?? ''], (one) => answers(node, release, one, '/'))
    report.line('outage.last-good-serves', again / 1000, 's', { atMost: 30 })
    await pause((size.seconds * 1000) / 2)
  } finally {
    await signal(node, 'CONT', 'kube-apiserver')
  }
  const back = performance.now()
  await untilAccepted(node, release, shop)
  await untilAll(addresses, (one) => answers(node, release, one, '/marker-after'))
  report.line('outage.resync', (performance.now() - back) / 1000, 's', { atMost: size.resync })
  const result = await steady.end()
  process.stderr.write(`outage: ${JSON.stringify(result)}\n`)
  report.line('outage.seconds', size.seconds, 's', null)
  report.line('outage.requests', result.requests, 'requests', { atLeast: size.seconds * size.rate })
  report.line('outage.lost', lostIn(result), 'requests', { exactly: 0 })
}

/** The edit that shows that everything is in order again. */
async function untilAccepted(node: ClusterNode, release: Release, shop: string): Promise<void> {
  const deadline = performance.now() + 60_000
  for (;;) {
    try {
      await node.apply([route(shop, { namespace: release.namespace, name: release.name }, 'after')])
      return
    } catch (error) {
      if (performance.now() > deadline) throw error
      await pause(100)
    }
  }
}
