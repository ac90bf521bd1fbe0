import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { decisionText } from '../cli/src/dev/decisionText.ts'
import { runBreaker } from './demo/breaker.ts'
import { runBurst } from './demo/burst.ts'
import { demoCases } from './demo/cases.ts'
import { login, token } from './demo/credentials.ts'
import { tableText, type Row } from './demo/row.ts'
import { runCase } from './demo/single.ts'
import { startWorld, type DemoWorld } from './demo/world.ts'

/**
 * `node examples/demo.ts [--examples DIR] [--stay]`: the quick start on this machine, with two small backends.
 * Without `--stay` it sends requests, prints what came back and why, and exits 1 when anything is not as it must be.
 */
const { values } = parseArgs({ options: { examples: { type: 'string' }, stay: { type: 'boolean' } } })
const quickstart = fileURLToPath(new URL('quickstart', import.meta.url))
const installation = fileURLToPath(new URL('quickstart-dev', import.meta.url))
const examples = values.examples ?? quickstart

/** Milliseconds after which the demo gives up. */
const patience = 85_000

async function runAll(world: DemoWorld): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const one of await demoCases(world)) rows.push(await runCase(one, world))
  return [...rows, await runBurst(world), ...(await runBreaker(world))]
}

async function demo(): Promise<number> {
  const notes: string[] = []
  const started = performance.now()
  const world = await startWorld({ examples, installation, ownKey: false, note: (line) => notes.push(line) }).catch(
    (error: Error) => {
      process.stderr.write(`${notes.join('\n')}\n${error.message}\n`)
      return null
    },
  )
  if (world === null) return 1
  const late = setTimeout(() => {
    process.stderr.write(`${notes.join('\n')}\nthe demo did not end within ${patience / 1000} s\n`)
    void world.close().then(() => process.exit(1))
  }, patience)
  try {
    const rows = await runAll(world)
    const wrong = rows.filter(({ differences }) => differences.length > 0).length
    process.stdout.write(tableText(rows))
    const seconds = ((performance.now() - started) / 1000).toFixed(0)
    const result = wrong === 0 ? 'all as expected' : `${wrong} NOT as expected`
    process.stdout.write(`\n${rows.length} checks of ${examples} in ${seconds} s: ${result}\n`)
    return wrong === 0 ? 0 : 1
  } finally {
    clearTimeout(late)
    await world.close()
  }
}

async function stay(): Promise<number> {
  const world = await startWorld({
    examples,
    installation,
    ownKey: true,
    decided: (decision) => process.stdout.write(`${decisionText(decision)}\n`),
    // The JSON logs of the two processes are left out; what is wrong in the folder is not among them.
    note: (line) => line.startsWith('{') || process.stderr.write(`${line}\n`),
  })
  const jwt = await token(null, ...login, '--subject', 'alice', '--tenant', 'acme', '--role', 'customer')
  const curl = (path: string, more = ''): string =>
    `  curl -i http://${world.gateway.http}${path} -H 'Host: api.shop.example'${more}\n`
  process.stdout.write(`
The quick start serves on ${world.gateway.http}; edit the files in ${examples} and it follows.
Paste one of these into another terminal; each decision is printed here, and Ctrl-C ends it.
Metrics are at http://${world.gateway.admin}/metrics.

${curl('/status')}${curl('/orders/1')}${curl('/orders/1', ` -H 'Authorization: Bearer ${jwt}'`)}
`)
  const asked = new Promise<number>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(0))
  })
  const status = await Promise.race([asked, world.gateway.ended.then(() => 1)])
  await world.close()
  return status
}

process.exitCode = await (values.stay === true ? stay() : demo())
