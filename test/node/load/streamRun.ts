import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ClusterNode } from '../../cluster/clusterNode.ts'
import type { StreamOptions, StreamResult } from './streamResult.ts'

const client = fileURLToPath(new URL('streams.ts', import.meta.url))

/** A client of streams that runs on the node until it is told to end. */
export interface StreamRun {
  /**
   * Lets what runs come to its end.
   *
   * @throws Error when the client failed by itself
   */
  end(): Promise<StreamResult>
}

/** Starts it, and waits until all have begun. */
export async function startStreams(node: ClusterNode, options: StreamOptions): Promise<StreamRun> {
  const child = node.spawn([process.execPath, client, JSON.stringify(options)], ['pipe', 'pipe', 'inherit'])
  const closed = once(child, 'close')
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout! }).on('line', (line) => lines.push(line))
  await Promise.race([once(reader, 'line'), closed])
  return {
    end: async () => {
      child.stdin?.end()
      const [status] = (await closed) as [number | null]
      if (status !== 0) throw new Error(`the client of streams ended with ${status}`)
      return JSON.parse(lines[1] ?? '') as StreamResult
    },
  }
}
