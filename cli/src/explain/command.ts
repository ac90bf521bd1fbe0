import { systemClock, type DescribedRequest, type StandIn } from '@gatehouse/dataplane'
import type { Json } from '@gatehouse/crds'
import { kubeconfigPath } from '../config.ts'
import { CommandError, exitStatus, usageError } from '../exit.ts'
import { fileText } from '../fileText.ts'
import { helpFlag, readFlags } from '../flags.ts'
import type { Streams } from '../streams.ts'
import { clusterDocuments } from './cluster.ts'
import { conditionNotes } from './conditions.ts'
import { configurationOf } from './configuration.ts'
import { folderDocuments } from './folder.ts'
import { explanationNotes } from './notes.ts'
import { BadDescription, describedRequest, tokenOf } from './request.ts'
import { jsonOf, textOf } from './text.ts'

const help = `gatehouse explain - say how a request would be decided, and why

Usage: gatehouse explain (-f DIR | --cluster) --url URL [FLAGS]

  --url URL             such as https://api.shop.example/orders/7
  -f, --folder DIR      files *.yaml, *.yml and *.json; may be given more than once
  --cluster             the objects of a cluster instead
  --kubeconfig FILE     with --cluster; default the first file in KUBECONFIG, or ~/.kube/config
  --gatehouse NS/NAME   which installation; needed only when there are several
  --method TEXT         default GET
  --header 'NAME: TEXT' may be given more than once
  --source-ip ADDRESS   of the client; default 192.0.2.1
  --claims FILE         JSON object: stands for a verified token with these claims; no key is needed
  --client-id TEXT      stands for a verified API key of this client
  --client-cert FILE    PEM: stands for a client certificate that the listener has verified
  -o, --output FORMAT   text (default) or json
  -h, --help            this text

The data plane's own checks decide, as for the first request of all: quotas have all their tokens. Nothing is asked
over the network but, with --cluster, the API server. Exit status: 0 allowed, 1 refused, 2 when the input cannot be read,
64 when the command line is wrong.
`

const flags = {
  ...helpFlag,
  folder: { type: 'string', short: 'f', multiple: true },
  cluster: { type: 'boolean' },
  kubeconfig: { type: 'string' },
  gatehouse: { type: 'string' },
  url: { type: 'string' },
  method: { type: 'string' },
  header: { type: 'string', multiple: true },
  'source-ip': { type: 'string' },
  claims: { type: 'string' },
  'client-id': { type: 'string' },
  'client-cert': { type: 'string' },
  output: { type: 'string', short: 'o' },
} as const

type Values = ReturnType<typeof readFlags<typeof flags>>

async function claimsIn(path: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await fileText(path)
  try {
    const claims: unknown = JSON.parse(text)
    if (typeof claims === 'object' && claims !== null && !Array.isArray(claims)) return { ...claims }
  } catch {
    // What is no JSON is no object either.
  }
  throw new CommandError(`${path} needs a JSON object: the claims of a token`, exitStatus.unreadable)
}

async function standInOf(values: Values): Promise<StandIn | null> {
  const { claims, 'client-id': clientId } = values
  if (claims !== undefined && clientId !== undefined) throw usageError('--claims and --client-id exclude each other')
  if (clientId !== undefined) return { type: 'ApiKey', clientId }
  return claims === undefined ? null : tokenOf(await claimsIn(claims), systemClock.now())
}

function headerOf(text: string): readonly [string, string] {
  const at = text.indexOf(':')
  if (at < 1) throw usageError("--header needs 'NAME: TEXT'")
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()]
}

const flagOf = { url: '--url', method: '--method', sourceIP: '--source-ip' } as const

/** A flag that is wrong, or the file that one names. */
const badFlag = ({ part, lack }: BadDescription, certificate: string | undefined): CommandError =>
  part === 'clientCertificate'
    ? new CommandError(`${certificate} ${lack}`, exitStatus.unreadable)
    : usageError(`${flagOf[part]} ${lack}`)

async function requestOf(values: Values): Promise<DescribedRequest> {
  const { url, method, 'source-ip': sourceIP, 'client-cert': certificate } = values
  if (url === undefined) throw usageError('--url URL is needed')
  const standIn = await standInOf(values)
  try {
    return describedRequest({
      method,
      url,
      headers: (values.header ?? []).map(headerOf),
      sourceIP,
      certificate: certificate === undefined ? undefined : await fileText(certificate),
      standIn,
    })
  } catch (error) {
    throw error instanceof BadDescription ? badFlag(error, certificate) : error
  }
}

async function documentsFor(
  values: Values,
): Promise<{ readonly documents: readonly Json[]; readonly notes: readonly string[] }> {
  const { folder: folders = [], cluster = false, kubeconfig } = values
  if (cluster === folders.length > 0) throw usageError('either -f DIR or --cluster is needed')
  if (!cluster) return { documents: await folderDocuments(folders), notes: [] }
  return await clusterDocuments(kubeconfig ?? kubeconfigPath())
}

/** `gatehouse explain`. */
export async function explainCommand(args: readonly string[], streams: Streams): Promise<number> {
  const values = readFlags('explain', args, flags)
  if (values.help) {
    streams.out(help)
    return exitStatus.ok
  }
  const format = values.output ?? 'text'
  if (format !== 'text' && format !== 'json') throw usageError(`-o needs text or json, not "${format}"`)
  const request = await requestOf(values)
  const { documents, notes } = await documentsFor(values)
  const configuration = configurationOf(documents, values.gatehouse ?? null, systemClock)
  try {
    const explanation = await configuration.explainer(null).explain(request)
    const report = {
      // As it would be sent, but without the query, which may hold a credential.
      request: { method: request.method, url: `${request.url.origin}${request.target.split('?', 1).join('')}` },
      gatehouse: configuration.gatehouse,
      explanation,
      conditions: conditionNotes(configuration.verdicts, explanation.route),
      notes: [...notes, ...explanationNotes(configuration, request, explanation)],
    }
    streams.out(format === 'json' ? jsonOf(report) : textOf(report))
    return explanation.allowed ? exitStatus.ok : exitStatus.failure
  } finally {
    configuration.close()
  }
}
