import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { groups, steps, type Gate, type Layer } from './steps.ts'

/**
 * Runs gates and test layers by name (`node scripts/run.ts lint unit`), goes on after a failure, and ends with one line
 * `N passed, N failed`. Exits 1 when anything failed, also a layer that ran no test at all.
 */

interface Count {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** What failed and the first line of why, for the end of the output, which is what a reader of a long log sees. */
  readonly failures: readonly string[]
}

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly {
    readonly message: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages?: readonly string[]
    }[]
  }[]
}

const firstLine = (text: string): string => text.split('\n', 1)[0]!.slice(0, 300)

const failuresOf = ({ testResults }: Report): readonly string[] =>
  testResults.flatMap(({ message, assertionResults }) => [
    ...(message === '' ? [] : [firstLine(message)]),
    ...assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) => `${fullName}: ${firstLine(failureMessages?.[0] ?? '')}`),
  ])

function run(command: readonly [string, ...string[]]): boolean {
  const [program, ...args] = command
  const { status, error } = spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  if (error !== undefined) process.stderr.write(`${program} could not be started: ${error.message}\n`)
  return status === 0
}

function runGate(name: string, gate: Gate): Count {
  const passed = run(gate.command)
  if (!passed) process.stderr.write(`gate ${name} failed: ${gate.command.join(' ')}\n`)
  return {
    passed: passed ? 1 : 0,
    failed: passed ? 0 : 1,
    skipped: 0,
    failures: passed ? [] : [gate.command.join(' ')],
  }
}

function readReport(file: string): Report | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report
  } catch {
    return null
  }
}

function runLayer(name: string, { within }: Layer): Count {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-layer-'))
  try {
    const file = join(folder, 'report.json')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const command = ['vitest', 'run', '--project', name, ...reporters] as const
    const ok = run(within === null ? [...command] : [within, ...command])
    const report = readReport(file)
    const passed = report?.numPassedTests ?? 0
    const failed = report?.numFailedTests ?? 0
    if (ok && passed === 0) process.stderr.write(`layer ${name} ran no test\n`)
    // A crash, an unhandled error or an empty layer fails without a failed test to show for it.
    const broken = failed === 0 && (!ok || passed === 0)
    const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0)
    const failures = report ? failuresOf(report) : []
    return { passed, failed: broken ? 1 : failed, skipped, failures }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function runStep(name: string): Count {
  const step = steps[name]
  if (step === undefined) throw new Error(`no step is called ${name}: ${Object.keys(steps).join(', ')}`)
  process.stdout.write(`\n=== ${name}\n`)
  return step.kind === 'gate' ? runGate(name, step) : runLayer(name, step)
}

function sayNotRun(names: readonly string[]): void {
  const missing = Object.entries(steps).filter(([name, step]) => step.kind === 'layer' && !names.includes(name))
  if (missing.length === 0) return
  process.stdout.write('\nLayers not run:\n')
  for (const [name, step] of missing) {
    const needs = step.kind === 'layer' ? step.needs : null
    process.stdout.write(`  ${name.padEnd(10)} needs ${needs ?? 'nothing more: make check'}\n`)
  }
}

const names = process.argv.slice(2).flatMap((name) => groups[name] ?? [name])
if (names.length === 0)
  throw new Error(`name what to run: ${[...Object.keys(groups), ...Object.keys(steps)].join(', ')}`)
const results = names.map((name) => {
  const started = performance.now()
  return { name, count: runStep(name), seconds: (performance.now() - started) / 1000 }
})

process.stdout.write('\nstep          passed  failed  seconds\n')
for (const { name, count, seconds } of results) {
  const cells = [String(count.passed).padStart(6), String(count.failed).padStart(6), seconds.toFixed(1).padStart(7)]
  process.stdout.write(`${name.padEnd(13)} ${cells.join('  ')}\n`)
}
if (results.some(({ name }) => steps[name]?.kind === 'layer')) sayNotRun(names)
const failures = results.flatMap(({ name, count }) => count.failures.map((failure) => `  ${name}: ${failure}\n`))
if (failures.length > 0) process.stdout.write(`\nFailed:\n${failures.join('')}`)
const total = (part: 'passed' | 'failed' | 'skipped') => results.reduce((sum, { count }) => sum + count[part], 0)
if (total('skipped') > 0) process.stdout.write(`\n${total('skipped')} skipped\n`)
process.stdout.write(`\n${total('passed')} passed, ${total('failed')} failed\n`)
process.exitCode = total('failed') > 0 ? 1 : 0
