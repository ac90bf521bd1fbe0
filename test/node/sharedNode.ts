import { inject } from 'vitest'
import { openNode, type ClusterNode } from '../cluster/clusterNode.ts'

/** The node of `setup.ts`. Each test file keeps to namespaces of its own. */
export const sharedNode = (): ClusterNode => openNode(inject('node'))
