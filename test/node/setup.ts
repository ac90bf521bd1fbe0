import type { TestProject } from 'vitest/node'
import { startNode, type NodeHandle } from '../cluster/clusterNode.ts'

declare module 'vitest' {
  interface ProvidedContext {
    readonly node: NodeHandle
  }
}

/** Starts the one node that all tests of the layer share. @returns what ends it */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const node = await startNode()
  project.provide('node', node.handle)
  return () => node.close()
}
