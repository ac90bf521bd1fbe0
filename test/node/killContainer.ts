import type { ClusterNode } from '../cluster/clusterNode.ts'
import { ctrArguments } from '../cluster/nodePrograms.ts'
import type { Component, Release } from './gatehouseRelease.ts'

/**
 * Ends the container of one Pod as the kernel would. It needs no API server.
 *
 * @param container - id as the status of the Pod has it; absent = that of the first Pod
 */
export async function killContainer(
  node: ClusterNode,
  release: Release,
  component: Component,
  container?: string,
): Promise<void> {
  const [first] = container === undefined ? await release.containers(component) : [container]
  if (first === undefined) throw new Error(`there is no ${component}`)
  await node.inside([node.handle.binaries.ctr, ...ctrArguments, 'tasks', 'kill', '--signal', 'SIGKILL', first])
}
