import type { RequestOptions } from 'node:https'
import type { ConnectionOptions } from 'node:tls'
import { KubeConfig, type Cluster } from '@kubernetes/client-node'
import { Agent, type Dispatcher } from 'undici'

/** What one request needs. */
export interface RequestAccess {
  readonly dispatcher: Dispatcher
  readonly headers: Readonly<Record<string, string>>
}

/** Where the API server is and how to be somebody there. Owns the connections. */
export interface Access {
  /** Without a slash at its end. */
  readonly url: string
  /** Looked up for each request, so that a new token or certificate is used without a restart. */
  prepare(): Promise<RequestAccess>
  close(): Promise<void>
}

/** The API server cannot be reached with what is configured. Its message says what to do. */
export class AccessError extends Error {
  readonly code = 'KUBERNETES_ACCESS'
}

const loaded = (kubeconfig: string | null): KubeConfig => {
  const config = new KubeConfig()
  try {
    if (kubeconfig === null) config.loadFromCluster()
    else config.loadFromFile(kubeconfig)
  } catch {
    throw new AccessError(`${kubeconfig} is no readable kubeconfig; name one that is, in KUBECONFIG`)
  }
  return config
}

function clusterOf(config: KubeConfig, from: string): Cluster {
  const cluster = config.getCurrentCluster()
  if (!cluster || !URL.canParse(cluster.server)) {
    throw new AccessError(`${from} has no current context with a cluster; set current-context, or run in a Pod`)
  }
  if (cluster.proxyUrl) throw new AccessError(`${from} names a proxy-url, which is not supported; remove it`)
  if (cluster.server.startsWith('http:') && !cluster.skipTLSVerify) {
    throw new AccessError(`${from} names a server without TLS; use https`)
  }
  return cluster
}

/** What of TLS the API server is told and checked with; the values come from files that may change. */
type Tls = Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'servername'>

const tlsOf = ({ ca, cert, key, rejectUnauthorized, servername }: RequestOptions): Tls => ({
  ...(ca === undefined ? {} : { ca }),
  ...(cert === undefined ? {} : { cert }),
  ...(key === undefined ? {} : { key }),
  ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
  ...(servername === undefined ? {} : { servername }),
})

const headersOf = ({ headers, auth }: RequestOptions): Record<string, string> => {
  const given = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value).trim()])
  const basic = auth ? [['authorization', `Basic ${Buffer.from(auth).toString('base64')}`]] : []
  return Object.fromEntries([...basic, ...given]) as Record<string, string>
}

const agentWith = (tls: Tls): Agent =>
  // HTTP/1.1: each watch has a connection of its own, so that a dead one takes no other along.
  new Agent({ allowH2: false, connect: { ...tls, keepAlive: true, keepAliveInitialDelay: 30_000 } })

/**
 * Access as a kubeconfig says, or as the service account of the Pod. The client library would make an agent, and with
 * it a TLS handshake, for every request; only what it knows of configuration and credentials is used.
 *
 * @param kubeconfig - path of the file; null = the service account
 * @throws AccessError
 */
export function kubeAccess(kubeconfig: string | null): Access {
  const config = loaded(kubeconfig)
  const { server } = clusterOf(config, kubeconfig ?? 'The service account')
  let current: { readonly tls: string; readonly agent: Agent } | null = null
  return {
    url: server.replace(/\/+$/, ''),
    prepare: async () => {
      const options: RequestOptions = {}
      await config.applyToHTTPSOptions(options)
      const tls = tlsOf(options)
      const text = JSON.stringify(tls)
      if (current?.tls !== text) {
        // Requests under way end on their connections; watches end by themselves within minutes.
        void current?.agent.close()
        current = { tls: text, agent: agentWith(tls) }
      }
      return { dispatcher: current.agent, headers: headersOf(options) }
    },
    close: async () => await current?.agent.destroy(),
  }
}
