import type { TestProject } from 'vitest/node'
import { startNode, type NodeHandle } from '../cluster/clusterNode.ts'
import { testImages } from './testImages.ts'

declare module 'vitest' {
  interface ProvidedContext {
    readonly node: NodeHandle
  }
}

/** Starts the one node that all tests of the layer share. @returns what ends it */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const images = await testImages()
  const node = await startNode({ images: images.archives })
  project.provide('node', node.handle)
  return async () => {
    await node.close()
    await images.remove()
  }
}
