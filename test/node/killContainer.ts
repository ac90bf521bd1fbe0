import type { ClusterNode } from '../cluster/clusterNode.ts'
import { ctrArguments } from '../cluster/nodePrograms.ts'

/**
 * Ends a container as the kernel would. It needs no API server.
 *
 * @param container - id as the status of the Pod has it
 */
export async function killContainer(node: ClusterNode, container: string): Promise<void> {
  await node.inside([node.handle.binaries.ctr, ...ctrArguments, 'tasks', 'kill', '--signal', 'SIGKILL', container])
}
