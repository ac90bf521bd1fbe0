import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { root, runIn } from '../architecture/copy.ts'
import { createReport } from '../support/report.ts'
import { catalogue, faultsOf, namedFiles, testsOf, type Test } from './catalogue/catalogue.ts'
import type { Flaw } from './catalogue/flaw.ts'

/** Runs the attacks and whatever else the catalogue of flaws names, prints a row for each flaw, and writes a page. */

interface Run extends Test {
  readonly passed: boolean
}

interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[]
      readonly title: string
      readonly status: string
    }[]
  }[]
}

async function runAll(files: readonly string[]): Promise<Run[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-flaws-'))
  try {
    const file = join(folder, 'report.json')
    await runIn(root, 'vitest', ['run', '--reporter=json', `--outputFile=${file}`, 'test/attack/', ...files])
    const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as Report
    return testResults.flatMap(({ name, assertionResults }) =>
      assertionResults.map(({ ancestorTitles, title, status }) => ({
        file: relative(root, name),
        name: [...ancestorTitles, title].join(' > '),
        passed: status === 'passed',
      })),
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A look into the logs at the end of a class is no attack. */
const isAttack = ({ file, name }: Test): boolean =>
  file.startsWith('test/attack/') && !name.endsWith('leaves no credential in any log')

const cell = (text: string): string => text.replaceAll('|', '\\|')

function row(flaw: Flaw, tests: readonly Run[]): string {
  const own = testsOf(flaw, tests)
  const passed = own.filter((test) => test.passed).length
  const cells = [flaw.ids.join(', '), flaw.where, flaw.cause, `${own.length}`, `${passed}`, flaw.reason ?? '']
  return `| ${cells.map(cell).join(' | ')} |`
}

const table = (tests: readonly Run[]): string[] =>
  catalogue.flatMap(({ title, flaws }) => [
    `## ${title}`,
    '',
    '| flaw | where | cause | cases | passed | why it cannot be here, or what of it |',
    '|---|---|---|---|---|---|',
    ...flaws.map((flaw) => row(flaw, tests)),
    '',
  ])

const tests = await runAll(namedFiles(catalogue))
const flaws = catalogue.flatMap((chapter) => chapter.flaws)
const rows = table(tests)
for (const line of rows) console.log(line)
const faults = flaws.flatMap((flaw) => faultsOf(flaw, tests))
for (const fault of faults) console.log(fault)
const failed = tests.filter(({ passed }) => !passed)
for (const { file, name } of failed) console.log(`failed: ${file}: ${name}`)

const report = createReport()
const attacks = tests.filter(isAttack)
report.line('flaws', flaws.length, 'rows', { atLeast: 100 })
report.line('flaws-with-cases', flaws.filter(({ cases }) => cases !== undefined).length, 'rows', null)
report.line('faults-of-the-catalogue', faults.length, 'count', { exactly: 0 })
report.line('attacks-by-raw-socket', attacks.length, 'cases', { atLeast: 250 })
report.line('attacks-passed', attacks.filter(({ passed }) => passed).length, 'cases', { exactly: attacks.length })
report.line('other-cases-failed', failed.length - failed.filter(isAttack).length, 'cases', { exactly: 0 })
const method = [
  'Flaws that were found in gateways, proxies and the libraries that they are made of, each with its cause in our words,',
  'and the cases that would turn red if it were here. An attack sends bytes over a socket of its own to a data plane in a',
  'process of its own. Most assert the answer, the line of the security log, and what a recording backend saw; those of',
  'introspection, throttling, levels and streams assert what of these they are about. Other cases',
  'are those of the wire, of parts, and of the compiler. `make proof-flaws` runs them and writes this page;',
  '`test/attack/catalogue/` has the titles.',
  '',
  ...rows,
]
if (report.ok()) await report.page(join(root, 'docs/proofs/flaws.md'), 'Flaws of others', method.join('\n').trimEnd())
process.exitCode = report.ok() ? 0 : 1
