import { AccessError, kubeAccess, KubeClient, MalformedAnswerError, type Access } from '@gatehouse/controller/kube'
import { isCoded } from '../codedError.ts'
import { kubeconfigPath } from '../config.ts'
import { CommandError, exitStatus, usageError } from '../exit.ts'
import { helpFlag, readFlagsAndNames } from '../flags.ts'
import { plainText } from '../plainText.ts'
import type { Streams } from '../streams.ts'
import { installationsIn, type Installation, type Wanted } from './installations.ts'
import { isWell, tableOf } from './table.ts'

const help = `gatehouse status - say which revision runs where, who is behind and who refused what

Usage: gatehouse status [NAME] [-n NAMESPACE] [-o table|json] [--kubeconfig FILE]

  NAME                  of a Gatehouse object; default all
  -n, --namespace TEXT  where it is; default all namespaces
  -o, --output FORMAT   table (default) or json
  --kubeconfig FILE     default the first file in KUBECONFIG, or ~/.kube/config
  -h, --help            this text

Reads the Gatehouse objects of a cluster, whose controller writes there what it knows of the data planes, every few
seconds at most; without a controller it is what the last one said. Desired is how many Pods of data planes are ready.
Behind is who has not taken the newest revision for seconds, updating who has had less time. Exit status: 0; 1 when no
data plane serves, or one that is ready does not, is behind or refused something; 2 when that cannot be read. As
kubectl-gatehouse on PATH it is "kubectl gatehouse status".
`

const flags = {
  ...helpFlag,
  namespace: { type: 'string', short: 'n' },
  output: { type: 'string', short: 'o' },
  kubeconfig: { type: 'string' },
} as const

/** Milliseconds that the API server may take. */
const patience = 30_000

/** JSON whose strings no terminal obeys. */
const jsonOf = (installations: readonly Installation[]): string => {
  const all = installations.map((one) => ({ ...one, well: isWell(one) }))
  const text = JSON.stringify({ installations: all }, null, 2)
  return `${text.split('\n').map(plainText).join('\n')}\n`
}

function accessOf(kubeconfig: string): Access {
  try {
    return kubeAccess(kubeconfig)
  } catch (error) {
    throw error instanceof AccessError ? new CommandError(error.message, exitStatus.unreadable) : error
  }
}

/** Why there was no answer, in a sentence; a fault of this program stays what it is. */
function unanswered(error: unknown, url: string): unknown {
  if (error instanceof CommandError) return error
  const unreadable = (sentence: string) => new CommandError(sentence, exitStatus.unreadable)
  if (error instanceof MalformedAnswerError) return unreadable(`what answers at ${url} is no API server`)
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return unreadable(`the API server ${url} does not answer`)
  if (!isCoded(error)) return error
  return unreadable(
    `the API server ${url} cannot be reached: ${error.code}; start it, or choose another context of the kubeconfig`,
  )
}

async function read(kubeconfig: string, wanted: Wanted): Promise<readonly Installation[]> {
  const access = accessOf(kubeconfig)
  const client = new KubeClient(access, patience, 'gatehouse-cli')
  try {
    return await installationsIn(client, wanted, AbortSignal.timeout(patience))
  } catch (error) {
    throw unanswered(error, access.url)
  } finally {
    await client.close()
  }
}

/** `gatehouse status`. */
export async function statusCommand(args: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals } = readFlagsAndNames('status', args, flags)
  if (values.help) {
    streams.out(help)
    return exitStatus.ok
  }
  const [name = null, ...more] = positionals
  if (more.length > 0) throw usageError('status takes one name')
  const format = values.output ?? 'table'
  if (format !== 'table' && format !== 'json') throw usageError(`-o needs table or json, not "${format}"`)
  const wanted = { namespace: values.namespace ?? null, name }
  const installations = await read(values.kubeconfig ?? kubeconfigPath(), wanted)
  streams.out(format === 'json' ? jsonOf(installations) : tableOf(installations))
  return installations.every(isWell) ? exitStatus.ok : exitStatus.failure
}
