import type { ClusterNode } from '../cluster/clusterNode.ts'
import type { Release } from './gatehouseRelease.ts'
import { host } from './shop.ts'

export interface Answer {
  readonly status: number
  readonly body: string
}

/**
 * Asks an installation over TLS.
 *
 * @param at - `address:port` of one data plane; absent = the Service
 * @throws when there is no answer within two seconds
 */
export async function ask(node: ClusterNode, release: Release, path: string, at?: string): Promise<Answer> {
  const target = at ?? `${await release.address()}:443`
  const known = ['--cacert', release.caFile, '--connect-to', `${host}:443:${target}`, '--max-time', '2']
  const { stdout } = await node.inside(['curl', '-sS', '-w', '\\n%{http_code}', ...known, `https://${host}${path}`])
  const end = stdout.lastIndexOf('\n')
  return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) }
}
