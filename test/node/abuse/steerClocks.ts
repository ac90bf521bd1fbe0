import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { ClusterNode } from '../../cluster/clusterNode.ts'
import type { Release } from '../gatehouseRelease.ts'
import type { PolicyWorld } from '../policy/policyWorld.ts'

const modules = {
  'steeredClock.ts': new URL('../../support/steeredClock.ts', import.meta.url),
  'clockServer.ts': new URL('clockServer.ts', import.meta.url),
}
const folder = '/etc/clock'

/** Replaces the data planes by some whose clocks can be set. */
export async function giveClocks(node: ClusterNode, release: Release): Promise<void> {
  const { namespace, name } = release
  const texts = await Promise.all(
    Object.entries(modules).map(async ([file, url]) => [file, await readFile(url, 'utf8')] as const),
  )
  const metadata = { name: 'clock', namespace }
  await node.apply([{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: Object.fromEntries(texts) }])
  const container = {
    name: 'dataplane',
    env: [
      {
        name: 'NODE_OPTIONS',
        value: Object.keys(modules)
          .map((file) => `--import=${folder}/${file}`)
          .join(' '),
      },
    ],
    volumeMounts: [{ name: 'clock', mountPath: folder }],
  }
  const spec = { containers: [container], volumes: [{ name: 'clock', configMap: { name: 'clock' } }] }
  const dataplane = `deployment/${name}-dataplane`
  await release.kubectl('patch', dataplane, '-p', JSON.stringify({ spec: { template: { spec } } }))
  await release.kubectl('rollout', 'status', dataplane, '--timeout=180s')
  await release.settled('dataplane', 2)
}

/** Sets the clocks of all data planes ahead; milliseconds. */
export async function setAhead({ bridge, dataplanes }: PolicyWorld, offset: number): Promise<void> {
  await Promise.all(
    dataplanes.map(async (address) => {
      const socket = await bridge.connect(address, 9999)
      socket.end(String(offset))
      await once(socket.resume(), 'close')
    }),
  )
}
