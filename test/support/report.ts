import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, release, totalmem } from 'node:os'
import { dirname } from 'node:path'
import { format, resolveConfig } from 'prettier'

/** What a measured value must be; null = it is only shown. */
export type Target = { readonly atMost: number } | { readonly atLeast: number } | { readonly exactly: number } | null

interface Line {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly target: Target
}

/** The lines of a proof: `name value unit target ok|short`. */
export interface Report {
  /** Prints a line and keeps it. */
  line(name: string, value: number, unit: string, target: Target): void
  /** True while no value fell short. */
  ok(): boolean
  /** Writes the page of the proof. @param method - how it was measured, in Markdown */
  page(file: string, title: string, method: string): Promise<void>
}

/** Starts a report that prints to standard output. */
export function createReport(): Report {
  const lines: Line[] = []
  return {
    line: (name, value, unit, target) => {
      lines.push({ name, value, unit, target })
      console.log([name, rounded(value), unit, targetText(target), verdict(value, target)].join(' '))
    },
    ok: () => lines.every(({ value, target }) => verdict(value, target) === 'ok'),
    page: async (file, title, method) => {
      await mkdir(dirname(file), { recursive: true })
      const form = { ...(await resolveConfig(file)), filepath: file }
      await writeFile(file, await format(pageText(title, method, lines), form))
    },
  }
}

const rounded = (value: number): string => String(Math.round(value * 1000) / 1000)

function targetText(target: Target): string {
  if (target === null) return '-'
  if ('atMost' in target) return `<=${target.atMost}`
  return 'atLeast' in target ? `>=${target.atLeast}` : `=${target.exactly}`
}

function verdict(value: number, target: Target): 'ok' | 'short' {
  if (target === null) return 'ok'
  if ('atMost' in target) return value <= target.atMost ? 'ok' : 'short'
  if ('atLeast' in target) return value >= target.atLeast ? 'ok' : 'short'
  return value === target.exactly ? 'ok' : 'short'
}

function pageText(title: string, method: string, lines: readonly Line[]): string {
  const rows = lines.map(
    ({ name, value, unit, target }) =>
      `| ${name} | ${rounded(value)} | ${unit} | ${targetText(target)} | ${verdict(value, target)} |`,
  )
  const machine = `${cpus().length} cores ${cpus()[0]?.model ?? 'of an unknown model'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.versions.node}`
  return [
    `# ${title}`,
    '',
    method,
    '',
    `Measured on ${new Date().toISOString().slice(0, 10)}: ${machine}.`,
    '',
    '| name | value | unit | target | |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}
