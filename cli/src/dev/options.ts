import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { HostPort } from '@gatehouse/controller'
import { usageError } from '../exit.ts'
import { helpFlag, readFlags } from '../flags.ts'

/** What the command line of `gatehouse dev` asks for. */
export interface DevOptions {
  readonly folders: readonly string[]
  /** By `namespace/service` or `namespace/service:port`. */
  readonly upstreams: ReadonlyMap<string, HostPort>
  /** null = where the Gatehouse object says. */
  readonly http: HostPort | null
  readonly https: HostPort | null
  readonly admin: HostPort
}

export const devHelp = `gatehouse dev - serve a folder of YAML on this machine, with hot reload

Usage: gatehouse dev -f DIR [FLAGS]

  -f, --folder DIR      files *.yaml, *.yml and *.json; may be given more than once
  --upstream NAMESPACE/SERVICE[:PORT]=HOST:PORT
                        sends requests for this Service there; may be given more than once; a Service
                        of the folder with neither an upstream nor an EndpointSlice is answered 503, one
                        that is in neither the folder nor an upstream 500
  --http ADDR:PORT      moves the first HTTP listener; port 0 picks a free one
  --https ADDR:PORT     moves the first HTTPS listener
  --admin ADDR:PORT     /metrics, /healthz and /readyz; default 127.0.0.1:9090
  -h, --help            this text

Standard output has the line {"ready":true,…} first and then one line for each decision; everything else goes to
standard error. Listeners bind to 127.0.0.1 unless they are moved. A document that the API server would refuse is named
and keeps its previous version. Without a Gatehouse in DIR a built-in one serves on 127.0.0.1:8080.
Exit status: 0 when it is asked to end, 1 when it cannot serve, 64 when the command line is wrong.
`

const flags = {
  ...helpFlag,
  folder: { type: 'string', short: 'f', multiple: true },
  upstream: { type: 'string', multiple: true },
  http: { type: 'string' },
  https: { type: 'string' },
  admin: { type: 'string' },
} as const

const maxPort = 65_535

/** Splits `HOST:PORT` and `[IPv6]:PORT`; null when it is neither. */
export function splitHostPort(text: string): { readonly host: string; readonly port: number } | null {
  const parts = /^(?:\[([0-9a-fA-F:.]+)\]|([^[\]:/@\s]+)):(\d{1,5})$/.exec(text)
  const host = parts?.[1] ?? parts?.[2]
  const port = Number(parts?.[3])
  return host === undefined || port > maxPort ? null : { host, port }
}

/** A socket of ours: by address, so that nothing but the command line decides where it is. */
function listenAddress(flag: string, text: string): HostPort {
  const found = splitHostPort(text)
  const address = found?.host === 'localhost' ? '127.0.0.1' : found?.host
  if (!found || address === undefined || isIP(address) === 0) {
    throw usageError(`${flag} needs ADDR:PORT, such as 127.0.0.1:8080 or [::1]:0, not "${text}"`)
  }
  return { address, port: found.port }
}

async function addressOf(host: string, flag: string): Promise<string> {
  if (isIP(host) !== 0) return host
  try {
    return (await lookup(host)).address
  } catch {
    throw usageError(`${flag}: the host "${host}" has no address`)
  }
}

const service = /^([a-z0-9]([-a-z0-9]*[a-z0-9])?\/[a-z0-9]([-.a-z0-9]*[a-z0-9])?(?::[1-9]\d{0,4})?)=(.+)$/

async function upstreamsOf(texts: readonly string[]): Promise<ReadonlyMap<string, HostPort>> {
  const upstreams = new Map<string, HostPort>()
  for (const text of texts) {
    const parts = service.exec(text)
    const target = splitHostPort(parts?.[4] ?? '')
    if (!parts || !target || target.port === 0) {
      throw usageError(`--upstream needs NAMESPACE/SERVICE[:PORT]=HOST:PORT, not "${text}"`)
    }
    const name = parts[1]!
    if (upstreams.has(name)) throw usageError(`--upstream is given twice for ${name}`)
    upstreams.set(name, { address: await addressOf(target.host, '--upstream'), port: target.port })
  }
  return upstreams
}

/**
 * Reads the command line of `gatehouse dev`; null when it asks for help.
 *
 * @throws CommandError for a wrong one
 */
export async function readDevOptions(args: readonly string[]): Promise<DevOptions | null> {
  const values = readFlags('dev', args, flags)
  if (values.help) return null
  const folders = values.folder ?? []
  if (folders.length === 0) throw usageError('-f DIR is needed: the folder to serve')
  return {
    folders,
    upstreams: await upstreamsOf(values.upstream ?? []),
    http: values.http === undefined ? null : listenAddress('--http', values.http),
    https: values.https === undefined ? null : listenAddress('--https', values.https),
    admin: listenAddress('--admin', values.admin ?? '127.0.0.1:9090'),
  }
}
