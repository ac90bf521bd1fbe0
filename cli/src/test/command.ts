import { systemClock } from '@gatehouse/dataplane'
import { columns } from '../columns.ts'
import { CommandError, exitStatus, usageError } from '../exit.ts'
import { configurationOf, type Configuration } from '../explain/configuration.ts'
import { readyRequest, type FileRequest, type ReadyRequest } from '../explain/described.ts'
import { folderDocuments } from '../explain/folder.ts'
import { BadDescription } from '../explain/request.ts'
import { helpFlag, readFlags } from '../flags.ts'
import type { Place } from '../folder/documents.ts'
import { plainJson, plainText } from '../plainText.ts'
import type { Streams } from '../streams.ts'
import type { PlacedTest } from './file.ts'
import { testsOf } from './folder.ts'
import { differencesOf, outcomeOf, type Difference, type Outcome } from './verdict.ts'

const help = `gatehouse test - judge the requests of *.test.yaml, and compare with what they expect

Usage: gatehouse test -f DIR [FLAGS]

  -f, --folder DIR      manifests, and tests in *.test.yaml or in tests/*.test.yaml; may be given more than once
  --gatehouse NS/NAME   which installation; needed only when there are several
  -o, --output FORMAT   table (default) or json
  -h, --help            this text

A file of tests is a list of

  - name: customers read
    request: {method: GET, url: "https://api.shop.example/orders", headers: {}, sourceIP: 192.0.2.1, claims: {…}}
    expect: {decision: allow, code: …, policy: shop/orders, rule: read, level: GatewayRoute, would: same}

In place of claims a request may have clientId, of a client that a Secret of the folder names; client {id, roles,
scopes, tenant, plan}, which describes one, whatever the Secrets say; or clientCertificate (PEM). What expect does not
say may be anything. Exit status: 0, 1 when anything is not as expected, 2 when the input cannot be
read, 64 when the command line is wrong.
`

const flags = {
  ...helpFlag,
  folder: { type: 'string', short: 'f', multiple: true },
  gatehouse: { type: 'string' },
  output: { type: 'string', short: 'o' },
} as const

interface Result {
  readonly place: Place
  readonly name: string
  readonly outcome: Outcome
  readonly differences: readonly Difference[]
  /** Where a difference may come from, as a sentence; null = nothing is known. */
  readonly hint: string | null
}

function ready({ place, request }: { readonly place: Place; readonly request: FileRequest }): ReadyRequest {
  try {
    return readyRequest(request, systemClock.now())
  } catch (error) {
    if (!(error instanceof BadDescription)) throw error
    throw new CommandError(`${place.file}:${place.line}: ${error.message}`, exitStatus.unreadable)
  }
}

async function resultOf({ place, test }: PlacedTest, configuration: Configuration): Promise<Result> {
  const { request, client } = ready({ place, request: test.request })
  const outcome = outcomeOf(await configuration.explainer(client).explain(request))
  const { clientId } = test.request
  const unknown = clientId === undefined ? null : configuration.unknownClient(clientId)
  return {
    place,
    name: test.name,
    outcome,
    differences: differencesOf(test.expect, outcome),
    hint: unknown === null ? null : `${unknown}; client in place of clientId describes one that needs no Secret`,
  }
}

function tableOf(results: readonly Result[]): string {
  const rows = results.map(({ place, name, outcome, differences }) => [
    differences.length === 0 ? 'ok' : 'DIFFERS',
    `${place.file}:${place.line}`,
    name,
    outcome.decision,
    outcome.code ?? '-',
    outcome.policy ?? '-',
    outcome.rule ?? '-',
    outcome.level ?? '-',
  ])
  const head = ['RESULT', 'PLACE', 'NAME', 'DECISION', 'CODE', 'POLICY', 'RULE', 'LEVEL']
  const details = results.flatMap(({ place, name, differences, hint }) => {
    const lines = differences.map(({ field, expected, actual }) => `${field} is ${actual ?? 'none'}, not ${expected}`)
    const hints = hint === null || lines.length === 0 ? [] : [hint]
    return [...lines, ...hints].map((line) => `${place.file}:${place.line}: ${name}: ${line}`)
  })
  const failed = results.filter(({ differences }) => differences.length > 0).length
  const lines = [...columns([head, ...rows]), ...details, `${results.length - failed} as expected, ${failed} not`]
  return lines.map((line) => `${plainText(line)}\n`).join('')
}

/** `gatehouse test`. */
export async function testCommand(args: readonly string[], streams: Streams): Promise<number> {
  const values = readFlags('test', args, flags)
  if (values.help) {
    streams.out(help)
    return exitStatus.ok
  }
  const folders = values.folder ?? []
  if (folders.length === 0) throw usageError('-f DIR is needed: manifests and tests')
  const format = values.output ?? 'table'
  if (format !== 'table' && format !== 'json') throw usageError(`-o needs table or json, not "${format}"`)
  const tests = await testsOf(folders)
  const configuration = configurationOf(await folderDocuments(folders), values.gatehouse ?? null, systemClock)
  try {
    const results: Result[] = []
    for (const test of tests) results.push(await resultOf(test, configuration))
    streams.out(format === 'json' ? plainJson({ results }) : tableOf(results))
    return results.every(({ differences }) => differences.length === 0) ? exitStatus.ok : exitStatus.failure
  } finally {
    configuration.close()
  }
}
