import { withCluster } from '../cluster.ts'
import { kubeconfigPath } from '../config.ts'
import { exitStatus, usageError } from '../exit.ts'
import { helpFlag, readFlagsAndNames } from '../flags.ts'
import { plainJson } from '../plainText.ts'
import type { Streams } from '../streams.ts'
import { installationsIn, type Installation } from './installations.ts'
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
data plane serves, or one that is ready does not, is behind or refused something; 2 when that cannot be read;
64 when the command line is wrong. As kubectl-gatehouse on PATH it is "kubectl gatehouse status".
`

const flags = {
  ...helpFlag,
  namespace: { type: 'string', short: 'n' },
  output: { type: 'string', short: 'o' },
  kubeconfig: { type: 'string' },
} as const

const jsonOf = (installations: readonly Installation[]): string =>
  plainJson({ installations: installations.map((one) => ({ ...one, well: isWell(one) })) })

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
  const installations = await withCluster(values.kubeconfig ?? kubeconfigPath(), (client, signal) =>
    installationsIn(client, wanted, signal),
  )
  streams.out(format === 'json' ? jsonOf(installations) : tableOf(installations))
  return installations.every(isWell) ? exitStatus.ok : exitStatus.failure
}
