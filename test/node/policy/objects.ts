import { readFile } from 'node:fs/promises'
import type { ClusterNode } from '../../cluster/clusterNode.ts'
import { BridgeAgent, send } from './bridgeAgent.ts'
import type { NodeBridge } from './nodeBridge.ts'

/** An object as a user writes it. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace: string } & Readonly<Record<string, unknown>>
  readonly [key: string]: unknown
}

export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason: string
}

/** Objects of the node's API server, written without the second that kubectl takes to start. */
export interface Objects {
  /** Applies on the server's side; resolves when the server has it. */
  apply(...manifests: readonly Manifest[]): Promise<void>
  remove(manifest: Manifest): Promise<void>
  /** Conditions of the object's status, as `type=status/reason`. */
  conditions(manifest: Manifest): Promise<readonly string[]>
  close(): void
}

const plural = (kind: string): string => kind.toLowerCase().replace(/y$/, 'ie').concat('s')

function pathOf({ apiVersion, kind, metadata: { namespace, name } }: Manifest): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  return `${group}/namespaces/${namespace}/${plural(kind)}/${name}`
}

export async function nodeObjects(node: ClusterNode, bridge: NodeBridge): Promise<Objects> {
  const read = (name: string): Promise<string> => readFile(`${node.handle.folder}/${name}`, 'utf8')
  const [ca, cert, key] = await Promise.all(['ca.crt', 'admin.crt', 'admin.key'].map(read))
  const agent = new BridgeAgent(bridge, { ca, cert, key, servername: 'localhost' }, { maxSockets: 8 })
  const ask = async (method: string, path: string, body?: object): Promise<string> => {
    const headers = { 'content-type': 'application/apply-patch+yaml' }
    const text = body === undefined ? {} : { body: JSON.stringify(body) }
    const answer = await send({ agent, address: '127.0.0.1', port: 6443, method, path, headers, ...text })
    if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.body}`)
    return answer.body
  }
  return {
    apply: async (...manifests) => {
      const query = '?fieldManager=test&force=true&fieldValidation=Strict'
      await Promise.all(manifests.map((manifest) => ask('PATCH', `${pathOf(manifest)}${query}`, manifest)))
    },
    remove: async (manifest) => {
      await ask('DELETE', pathOf(manifest))
    },
    conditions: async (manifest) => {
      const read = JSON.parse(await ask('GET', pathOf(manifest))) as {
        readonly status?: { readonly conditions?: readonly Condition[] }
      }
      return (read.status?.conditions ?? []).map(({ type, status, reason }) => `${type}=${status}/${reason}`)
    },
    close: () => agent.destroy(),
  }
}
