import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ClusterNode } from '../../cluster/clusterNode.ts'
import type { LoadOptions, LoadResult } from './loadResult.ts'

const client = fileURLToPath(new URL('client.ts', import.meta.url))

/** A client that runs on the node until it is told to end. */
export interface LoadRun {
  /** @throws Error when the client failed by itself */
  end(): Promise<LoadResult>
}

export function startLoad(node: ClusterNode, options: LoadOptions): LoadRun {
  const child = node.spawn([process.execPath, client, JSON.stringify(options)], ['pipe', 'pipe', 'inherit'])
  let output = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text))
  const closed = once(child, 'close')
  return {
    end: async () => {
      child.stdin?.end()
      const [status] = (await closed) as [number | null]
      if (status !== 0) throw new Error(`the load client ended with ${status}`)
      return JSON.parse(output) as LoadResult
    },
  }
}
