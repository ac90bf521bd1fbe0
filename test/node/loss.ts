import { setTimeout as pause } from 'node:timers/promises'
import type { ClusterNode } from '../cluster/clusterNode.ts'
import type { Report } from '../support/report.ts'
import { waitUntil } from '../support/waitUntil.ts'
import type { Release } from './gatehouseRelease.ts'
import { killContainer } from './killContainer.ts'
import { lostIn, type LoadResult } from './load/loadResult.ts'
import { startLoad } from './load/loadRun.ts'
import { backend, host, route } from './shop.ts'

/** How much is proved. */
export interface LossSize {
  /** Requests a second. */
  readonly rate: number
  /** Fewest requests of each disturbance. */
  readonly requests: number
  /** Milliseconds that a slow transfer takes. */
  readonly transfer: number
  /** Names of the disturbances; null = all. */
  readonly only: readonly string[] | null
}

/** What is done to the installation while requests run; called again and again until there were enough. */
interface Disturbance {
  readonly name: string
  /** Whether what was inside a process that was killed may be lost. */
  readonly kills: boolean
  once(turn: number): Promise<void>
}

function disturbances(node: ClusterNode, release: Release, shop: string): readonly Disturbance[] {
  const { kubectl, name } = release
  const dataplane = `deployment/${name}-dataplane`
  const rolledOut = (): Promise<string> => kubectl('rollout', 'status', dataplane, '--timeout=180s')
  const scale = async (replicas: number): Promise<void> => {
    await kubectl('scale', dataplane, `--replicas=${replicas}`)
    await rolledOut()
    await release.settled('dataplane', replicas)
  }
  const inShop = (...args: readonly string[]) => node.kubectl(['-n', shop, ...args])
  return [
    {
      name: 'rolling-restart',
      kills: false,
      once: async () => {
        await kubectl('rollout', 'restart', dataplane)
        await rolledOut()
      },
    },
    {
      name: 'scale-1-3-1',
      kills: false,
      once: async () => {
        await scale(1)
        await scale(3)
        await scale(1)
        await scale(2)
      },
    },
    {
      name: 'edits',
      kills: false,
      once: async (turn) => {
        await node.apply([route(shop, { namespace: release.namespace, name: release.name }, `v${turn}`)])
        await pause(1000)
      },
    },
    {
      name: 'backend-rollout',
      kills: false,
      once: async (turn) => {
        await node.apply(backend(shop, `version-${turn}`))
        await inShop('rollout', 'status', 'deployment/shop', '--timeout=180s')
      },
    },
    {
      name: 'backend-scale-2-5-2',
      kills: false,
      once: async () => {
        for (const replicas of [5, 2]) {
          await inShop('scale', 'deployment/shop', `--replicas=${replicas}`)
          await inShop('rollout', 'status', 'deployment/shop', '--timeout=180s')
        }
        // While three are still ending.
        await inShop('rollout', 'restart', 'deployment/shop')
        await inShop('rollout', 'status', 'deployment/shop', '--timeout=180s')
      },
    },
    {
      name: 'certificate',
      kills: false,
      once: async () => {
        await release.renewCertificate()
        await pause(2000)
      },
    },
    {
      name: 'controllers-deleted',
      kills: false,
      once: async () => {
        await kubectl('delete', 'pod', '-l', 'app.kubernetes.io/component=controller', '--wait=true')
        await kubectl('rollout', 'status', `deployment/${name}-controller`, '--timeout=180s')
      },
    },
    {
      name: 'dataplane-killed',
      kills: true,
      once: async () => {
        const [victim = ''] = await release.containers('dataplane')
        await killContainer(node, victim)
        // Until the kubelet has seen it, the Pod still counts as ready, and the next to be killed would be this one again.
        const seen = async (): Promise<boolean> => !(await release.containers('dataplane')).includes(victim)
        await waitUntil(seen, 'the kubelet has seen that the data plane ended', { within: 180_000, every: 500 })
        await rolledOut()
        await pause(5000)
      },
    },
  ]
}

/** One disturbance under load. */
async function disturb(
  { once, name }: Disturbance,
  node: ClusterNode,
  release: Release,
  { rate, requests, transfer }: LossSize,
): Promise<LoadResult> {
  const run = startLoad(node, {
    address: await release.address(),
    port: 443,
    host,
    caFile: release.caFile,
    paths: ['/', '/modern'],
    uploadPath: '/upload',
    downloadPath: '/download',
    rate,
    transfer,
  })
  const until = performance.now() + (requests / rate) * 1000
  // It also runs for a while before anything happens and after all is over.
  await pause(1000)
  let turn = 0
  do await once(turn++)
  while (performance.now() < until)
  await pause(1000)
  const result = await run.end()
  process.stderr.write(`${name}: ${turn} times, ${JSON.stringify(result)}\n`)
  return result
}

/** Does all that clusters do to an installation, one after the other, and counts the requests that were lost. */
export async function proveLoss(
  node: ClusterNode,
  { release, shop }: { readonly release: Release; readonly shop: string },
  size: LossSize,
  report: Report,
): Promise<void> {
  const all = disturbances(node, release, shop)
  for (const disturbance of all.filter(({ name }) => size.only === null || size.only.includes(name))) {
    const { name, kills } = disturbance
    const result = await disturb(disturbance, node, release, size)
    report.line(`loss.${name}.requests`, result.requests, 'requests', { atLeast: size.requests })
    report.line(`loss.${name}.transfers`, result.transfers, 'transfers', null)
    report.line(`loss.${name}.lost`, lostIn(result), 'requests', kills ? null : { exactly: 0 })
  }
}
