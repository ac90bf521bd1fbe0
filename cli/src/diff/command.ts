import { systemClock } from '@gatehouse/dataplane'
import { columns } from '../columns.ts'
import { CommandError, exitStatus, usageError } from '../exit.ts'
import { configurationOf, type Configuration } from '../explain/configuration.ts'
import { folderDocuments } from '../explain/folder.ts'
import { fileText } from '../fileText.ts'
import { helpFlag, readFlagsAndNames } from '../flags.ts'
import { plainJson, plainText } from '../plainText.ts'
import type { Streams } from '../streams.ts'
import { outcomeOf, type Outcome } from '../test/verdict.ts'
import { requestsIn, requestsOfLog, type AskedRequest, type AskedRequests } from './requests.ts'

const help = `gatehouse diff - say which requests two folders decide differently

Usage: gatehouse diff OLD NEW (--requests FILE | --audit-log FILE) [FLAGS]

  OLD, NEW              folders of YAML
  --requests FILE       a YAML list of requests, as gatehouse test has them, or a file of tests
  --audit-log FILE      lines of a data plane's audit or security log
  --gatehouse NS/NAME   which installation; needed only when there are several
  -o, --output FORMAT   table (default) or json
  -h, --help            this text

A log says who called, and nothing of roles, claims, headers and queries. A line that OLD does not decide as it was
recorded cannot be asked again, and is counted instead. Exit status: 0, 1 when anything is decided differently, 2 when
the input cannot be read, 64 when the command line is wrong.
`

const flags = {
  ...helpFlag,
  requests: { type: 'string' },
  'audit-log': { type: 'string' },
  gatehouse: { type: 'string' },
  output: { type: 'string', short: 'o' },
} as const

/** A request that both folders decide, and not alike. */
interface Change {
  readonly place: string
  readonly request: string
  readonly old: Outcome
  readonly new: Outcome
}

interface Comparison {
  readonly compared: number
  /** Lines of a log that OLD does not decide as recorded, or that are no decisions. */
  readonly notComparable: number
  readonly changes: readonly Change[]
}

const sameDecision = (a: Outcome, b: Outcome): boolean => a.decision === b.decision && a.code === b.code

async function compared(asked: AskedRequests, before: Configuration, after: Configuration): Promise<Comparison> {
  const changes: Change[] = []
  let notComparable = asked.passedOver
  for (const one of asked.requests) {
    const [old, next] = [await outcome(one, before), await outcome(one, after)]
    if (one.recorded !== null && one.recorded !== old.decision) notComparable++
    else if (!sameDecision(old, next)) {
      const { method, url } = one.request
      changes.push({ place: one.place, request: `${method} ${url.host}${url.pathname}`, old, new: next })
    }
  }
  return { compared: asked.requests.length + asked.passedOver - notComparable, notComparable, changes }
}

const outcome = async ({ request, client }: AskedRequest, configuration: Configuration): Promise<Outcome> =>
  outcomeOf(await configuration.explainer(client).explain(request))

const shown = ({ decision, code, policy, rule }: Outcome): string =>
  [decision, code, policy && `${rule === null ? '' : `${rule} of `}${policy}`].filter(Boolean).join(' ')

/** Most changes that are shown to people; JSON has all. */
const maxRows = 200

function tableOf({ compared: count, notComparable, changes }: Comparison): string {
  const rows = changes.slice(0, maxRows).map((one) => [one.place, one.request, shown(one.old), shown(one.new)])
  const left = changes.length - rows.length
  const lines = [
    ...(rows.length === 0 ? [] : columns([['PLACE', 'REQUEST', 'OLD', 'NEW'], ...rows])),
    ...(left > 0 ? [`and ${left} more; -o json has them`] : []),
    `${count} compared, ${changes.length} decided differently, ${notComparable} cannot be asked again`,
  ]
  return lines.map((line) => `${plainText(line)}\n`).join('')
}

async function askedIn(requests: string | undefined, log: string | undefined): Promise<AskedRequests> {
  const path = requests ?? log
  if (path === undefined || (requests !== undefined && log !== undefined))
    throw usageError('either --requests FILE or --audit-log FILE is needed')
  const asked =
    requests === undefined ? requestsOfLog(path, await fileText(path)) : requestsIn(path, await fileText(path))
  if (asked.requests.length === 0) throw new CommandError(`there is no request in ${path}`, exitStatus.unreadable)
  return asked
}

/** `gatehouse diff`. */
export async function diffCommand(args: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals } = readFlagsAndNames('diff', args, flags)
  if (values.help) {
    streams.out(help)
    return exitStatus.ok
  }
  const [old, next, ...more] = positionals
  if (old === undefined || next === undefined || more.length > 0) throw usageError('diff takes two folders: OLD NEW')
  const format = values.output ?? 'table'
  if (format !== 'table' && format !== 'json') throw usageError(`-o needs table or json, not "${format}"`)
  const asked = await askedIn(values.requests, values['audit-log'])
  const configurations: Configuration[] = []
  try {
    for (const folder of [old, next])
      configurations.push(configurationOf(await folderDocuments([folder]), values.gatehouse ?? null, systemClock))
    const [before, after] = configurations as [Configuration, Configuration]
    const comparison = await compared(asked, before, after)
    streams.out(format === 'json' ? plainJson(comparison) : tableOf(comparison))
    return comparison.changes.length === 0 ? exitStatus.ok : exitStatus.failure
  } finally {
    for (const configuration of configurations) configuration.close()
  }
}
