import { openStoredQuotas, systemClock, type StoredKey, type StoredQuotas, type StoredRate } from '@gatehouse/dataplane'
import { columns } from '../columns.ts'
import { kubeconfigPath } from '../config.ts'
import { CommandError, exitStatus, usageError } from '../exit.ts'
import { clusterDocuments } from '../explain/cluster.ts'
import { configurationOf } from '../explain/configuration.ts'
import { folderDocuments } from '../explain/folder.ts'
import { helpFlag, readFlagsAndNames } from '../flags.ts'
import { plainJson, plainText } from '../plainText.ts'
import type { Streams } from '../streams.ts'
import { keyOf, keyText } from './key.ts'
import { missingForStore } from './missing.ts'

const help = `gatehouse quota - say what a caller has left of shared quotas, and let it begin anew

Usage: gatehouse quota get|reset (-f DIR | --cluster) --policy NS/NAME [FLAGS]

  --policy NS/NAME      whose quotas
  --quota NAME          which of them; default all with scope Shared that count by a part of the key. reset needs it
  --key TYPE=VALUE      a part of the key, for each that the quota counts by: IP, Principal, APIKey, Tenant, Route,
                        Header, Claim. A part that is not given stands for the requests that lack it
  --plan NAME           the plan of the caller, where the quota has rates for it
  --store HOST:PORT     where the store is reached from here, such as a forwarded port
  -f, --folder DIR      files *.yaml, *.yml and *.json; may be given more than once
  --cluster             the objects of a cluster instead
  --kubeconfig FILE     with --cluster; default the first file in KUBECONFIG, or ~/.kube/config
  --gatehouse NS/NAME   which installation; needed only when there are several
  -o, --output FORMAT   table (default) or json
  -h, --help            this text

A Principal is what decision records call it, a JSON array of three; an APIKey too. Only counts in the quotaStore of the
Gatehouse can be seen and reset: with scope Replica or Gateway each data plane counts in its own memory, and a caller
learns what it has left at usage.path of the Gatehouse. What a quota with precision Leased has given a data plane stays
with it until its window ends. Exit status: 0; 1 when the store does not answer; 2 when the input cannot be read;
64 when the command line is wrong, which a key that no request can have is.
`

const flags = {
  ...helpFlag,
  policy: { type: 'string' },
  quota: { type: 'string' },
  key: { type: 'string', multiple: true },
  plan: { type: 'string' },
  store: { type: 'string' },
  folder: { type: 'string', short: 'f', multiple: true },
  cluster: { type: 'boolean' },
  kubeconfig: { type: 'string' },
  gatehouse: { type: 'string' },
  output: { type: 'string', short: 'o' },
} as const

type Values = ReturnType<typeof readFlagsAndNames<typeof flags>>['values']

async function openStore(values: Values): Promise<StoredQuotas> {
  const { folder: folders = [], cluster = false, kubeconfig, policy, gatehouse = null } = values
  if (policy === undefined) throw usageError('--policy NS/NAME is needed')
  if (cluster === folders.length > 0) throw usageError('either -f DIR or --cluster is needed')
  const documents = cluster
    ? (await clusterDocuments(kubeconfig ?? kubeconfigPath())).documents
    : await folderDocuments(folders)
  const configuration = configurationOf(documents, gatehouse, systemClock)
  configuration.close()
  const missing = missingForStore(documents, configuration, cluster)
  if (missing !== null) throw new CommandError(missing, exitStatus.unreadable)
  const opened = openStoredQuotas(configuration.resources, {
    policy,
    server: serverOf(values.store),
    clock: systemClock,
  })
  if (opened === 'no-policy')
    throw new CommandError(`there is no AccessPolicy ${policy} in force`, exitStatus.unreadable)
  if (opened === 'no-store')
    throw new CommandError(
      `Gatehouse ${configuration.gatehouse} has no quotaStore that can be used`,
      exitStatus.unreadable,
    )
  return opened
}

function serverOf(text: string | undefined): { readonly host: string; readonly port: number } | null {
  if (text === undefined) return null
  const [, host = '', port = ''] = /^\[?([0-9A-Za-z.:-]+?)\]?:(\d{1,5})$/.exec(text) ?? []
  if (host === '' || Number(port) < 1 || Number(port) > 65_535)
    throw usageError(`--store needs HOST:PORT, not "${text}"`)
  return { host, port: Number(port) }
}

/** The quotas that are meant, all of which the store counts. */
function chosen({ quotas }: StoredQuotas, wanted: string | undefined): StoredQuotas['quotas'] {
  const found = quotas.filter(({ name }) => wanted === undefined || name === wanted)
  const [first] = found
  if (first === undefined) {
    const names = quotas.map(({ name }) => name).join(', ')
    throw new CommandError(`the policy has no such quota; there is ${names || 'none'}`, exitStatus.unreadable)
  }
  const shared = found.filter(({ scope }) => scope === 'Shared')
  if (shared.length > 0) return shared
  throw new CommandError(
    `${found.map(({ name }) => name).join(', ')} counts at each data plane (scope ${first.scope}), in memory that nobody else sees; a restart of the data planes begins anew`,
    exitStatus.unreadable,
  )
}

const silent = (word: string, { servers }: StoredQuotas): CommandError =>
  new CommandError(
    `the store at ${servers.join(', ')} does not answer (${word}); --store names another way to it`,
    exitStatus.failure,
  )

async function get(store: StoredQuotas, values: Values): Promise<readonly StoredRate[]> {
  const rates: StoredRate[] = []
  const quotas = chosen(store, values.quota)
  const key = keyFor(store, quotas, values)
  for (const quota of countingBy(quotas, key, values.quota)) {
    const read = await store.read(quota.name, key)
    if (typeof read === 'string') throw silent(read, store)
    rates.push(...read)
  }
  return rates
}

/** Of quotas that nobody has named, those that count by a part of the key; all when it has none. */
const countingBy = (
  quotas: StoredQuotas['quotas'],
  { parts }: StoredKey,
  wanted: string | undefined,
): StoredQuotas['quotas'] =>
  wanted !== undefined || parts.size === 0 ? quotas : quotas.filter(({ keys }) => keys.some((type) => parts.has(type)))

/** What a reset came to. */
interface Forgotten {
  readonly count: number
  /** Of whom, for people. */
  readonly key: string
}

async function reset(store: StoredQuotas, values: Values): Promise<Forgotten> {
  if (values.quota === undefined) throw usageError('reset needs --quota NAME')
  const quotas = chosen(store, values.quota)
  const key = keyFor(store, quotas, values)
  let count = 0
  for (const quota of quotas) {
    const forgotten = await store.reset(quota.name, key)
    if (typeof forgotten === 'string') throw silent(forgotten, store)
    count += forgotten
  }
  return { count, key: quotas.map(({ keys }) => keyText(keys, key.parts)).join('; ') }
}

const resetText = ({ count, key }: Forgotten): string =>
  plainText(count === 0 ? `nothing was counted under ${key}` : `${count} counts begin anew`)

/** @throws CommandError for a key that these quotas have no count of */
function keyFor(store: StoredQuotas, quotas: StoredQuotas['quotas'], { quota, key, plan }: Values): StoredKey {
  const parts = keyOf(key ?? [], store)
  const types = [...new Set(quotas.flatMap(({ keys }) => keys))]
  const foreign = [...parts.keys()].find((type) => !types.includes(type))
  if (foreign !== undefined) {
    const subject = quota === undefined ? 'no Shared quota of the policy counts' : 'the quota does not count'
    throw usageError(`${subject} by ${foreign}, but by ${types.join(', ')}`)
  }
  const plans = [...new Set(quotas.flatMap((one) => one.plans))]
  if (plan !== undefined && !plans.includes(plan))
    throw usageError(`--plan "${plan}" is none that has rates of its own there; there is ${plans.join(', ') || 'none'}`)
  return { parts, plan: plan ?? null }
}

/** As the usage path tells it: in seconds. A calendar has no window. */
const toldOf = ({ window, reset: more, ...rate }: StoredRate) => ({
  ...rate,
  ...(window !== null && { window: seconds(window) }),
  reset: seconds(more),
})

const seconds = (milliseconds: number): number => Math.ceil(milliseconds / 1000)

const tableOf = (rates: readonly StoredRate[]): string =>
  columns([
    ['QUOTA', 'LIMIT', 'WINDOW', 'REMAINING', 'MORE IN'],
    ...rates.map(({ quota, limit, window, remaining, reset: more }) => [
      plainText(quota),
      String(limit),
      window === null ? 'calendar' : `${seconds(window)}s`,
      String(remaining),
      more === 0 ? '-' : `${seconds(more)}s`,
    ]),
  ])
    .map((line) => `${line}\n`)
    .join('')

/** `gatehouse quota`. */
export async function quotaCommand(args: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals } = readFlagsAndNames('quota', args, flags)
  if (values.help) {
    streams.out(help)
    return exitStatus.ok
  }
  const [verb, ...more] = positionals
  if ((verb !== 'get' && verb !== 'reset') || more.length > 0) throw usageError('quota needs get or reset')
  const format = values.output ?? 'table'
  if (format !== 'table' && format !== 'json') throw usageError(`-o needs table or json, not "${format}"`)
  const store = await openStore(values)
  try {
    if (verb === 'get') {
      const rates = await get(store, values)
      streams.out(format === 'json' ? plainJson({ rates: rates.map(toldOf) }) : tableOf(rates))
    } else {
      const forgotten = await reset(store, values)
      streams.out(format === 'json' ? plainJson({ reset: forgotten.count }) : `${resetText(forgotten)}\n`)
    }
    return exitStatus.ok
  } finally {
    store.close()
  }
}
