import { startNode, type ClusterNode } from '../cluster/clusterNode.ts'
import { installKinds, installRelease, type Release } from './gatehouseRelease.ts'
import { openShop } from './shop.ts'
import { testImages } from './testImages.ts'

/** An installation and the namespace that it serves. */
export interface Target {
  readonly release: Release
  readonly shop: string
}

/** Installs into a node that runs already. @param prepare - makes what the values, which it returns, refer to */
export async function installTarget(
  node: ClusterNode,
  suffix: string,
  prepare: (namespace: string, shop: string) => Promise<object> = () => Promise.resolve({}),
): Promise<Target> {
  const shop = `shop-${suffix}`
  const ref = { namespace: `gatehouse-${suffix}`, name: 'edge' }
  await openShop(node, shop, ref)
  const release = await installRelease(node, { ...ref, shop, prepare: (namespace) => prepare(namespace, shop) })
  await node.kubectl(['-n', shop, 'wait', 'gatewayroute/shop', '--for=condition=Programmed', '--timeout=60s'])
  return { release, shop }
}

/** Starts a node of its own with one installation, for a proof, and ends it. */
export async function withRelease(prove: (node: ClusterNode, target: Target) => Promise<void>): Promise<void> {
  const images = await testImages()
  const node = await startNode({ images: images.archives })
  try {
    await installKinds(node)
    await prove(node, await installTarget(node, 'proof'))
  } finally {
    await node.close()
    await images.remove()
  }
}
