import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ClusterNode } from '../../cluster/clusterNode.ts'

const program = fileURLToPath(new URL('bridge.ts', import.meta.url))

/** A second address of the node. Its first is that of the API server, which no data plane dials. */
export const testAddress = '10.245.0.2'

/** An address of the node behind which the test itself answers. */
export interface Inward {
  readonly address: string
  readonly port: number
  /** The socket in the file system that the test listens on. */
  readonly path: string
}

export interface BridgeOptions {
  /** The socket in the file system for connections into the node's network. */
  readonly outward: string
  readonly inward: readonly Inward[]
}

/** Connections between the test's process and the node's network. */
export interface NodeBridge {
  /** A connection to an address of the node's network. @param port - of TCP */
  connect(address: string, port: number): Promise<Socket>
  close(): Promise<void>
}

/** Where a socket of this name lies for both sides. */
export const bridgeSocket = (node: ClusterNode, name: string): string => join(node.handle.folder, `${name}.socket`)

/** @param inward - ports of {@link testAddress} by the name of the socket that they lead to */
export async function openBridge(node: ClusterNode, inward: Readonly<Record<string, number>>): Promise<NodeBridge> {
  await node.inside(['ip', 'addr', 'replace', `${testAddress}/24`, 'dev', 'node0'])
  const outward = bridgeSocket(node, 'outward')
  await rm(outward, { force: true })
  const options: BridgeOptions = {
    outward,
    inward: Object.entries(inward).map(([name, port]) => {
      return { address: testAddress, port, path: bridgeSocket(node, name) }
    }),
  }
  const child = node.spawn([process.execPath, program, JSON.stringify(options)], ['pipe', 'pipe', 'inherit'])
  const ready = await Promise.race([
    once(child.stdout!, 'data').then(() => true),
    once(child, 'exit').then(() => false),
  ])
  if (!ready) throw new Error('the bridge did not start')
  return {
    connect: async (address, port) => {
      const socket = connect(outward)
      await once(socket, 'connect')
      socket.write(`${address}:${port}\n`)
      return socket
    },
    close: async () => {
      const ended = once(child, 'exit')
      child.stdin?.end()
      await ended
    },
  }
}
