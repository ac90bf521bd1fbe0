import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { caseFolder, chartCases, textOf, type ChartCase } from './cases.ts'
import { chartFolder, helm, release, template } from './helm.ts'

// UPDATE_GOLDEN=1 writes what the chart renders; the diff is then for people to judge.
const update = process.env['UPDATE_GOLDEN'] === '1'

/** What a file of a case says; when updating, what it is made to say. */
function golden(file: string, actual: string): string {
  const path = join(caseFolder, file)
  if (update) writeFileSync(path, actual)
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

const documentsOf = (text: string): readonly string[] =>
  text
    .split(/^---\n/m)
    .map((document) => document.trimEnd())
    .filter((document) => document !== '')

/** Which object a document is, by template, kind and name. */
const titleOf = (document: string): string =>
  [/^# Source: (.*)$/m, /^kind: (.*)$/m, /^ {2}name: (.*)$/m, /^ {2}namespace: (.*)$/m]
    .map((line) => line.exec(document)?.[1] ?? '')
    .join(' ')

const joined = (documents: readonly string[]): string => documents.map((document) => `---\n${document}\n`).join('')

/** What differs from the default: each object that is new or other, and the names of those that are not there. */
function difference(text: string, base: string): string {
  const before = documentsOf(base)
  const after = documentsOf(text)
  const titles = new Set(after.map(titleOf))
  const gone = before.map(titleOf).filter((title) => !titles.has(title))
  const changed = after.filter((document) => !before.includes(document))
  return `${gone.map((title) => `# not there: ${title}\n`).join('')}${joined(changed)}`
}

const defaultCase = chartCases.find(({ name }) => name === 'default')

async function goldenOf(one: ChartCase): Promise<string> {
  if (defaultCase === undefined || one === defaultCase) return joined(documentsOf(await textOf(one)))
  return difference(await textOf(one), await textOf(defaultCase))
}

async function notesOf({ values }: ChartCase): Promise<string> {
  const where = ['install', release.name, chartFolder('gatehouse'), '--namespace', release.namespace]
  const { out, err } = await helm([...where, '--dry-run=client', '-f', values])
  const notes = /^NOTES:\n([\s\S]*)$/m.exec(out)?.[1]
  if (notes === undefined) throw new Error(`no notes: ${err}`)
  return notes
}

describe.each(chartCases)('chart case $name', (one) => {
  it('renders what its golden file says', async () => {
    const text = await goldenOf(one)
    expect(text, 'UPDATE_GOLDEN=1 writes it').toBe(golden(`${one.name}.golden.yaml`, text))
  })

  it('has the notes that its file says', async () => {
    const text = await notesOf(one)
    expect(text, 'UPDATE_GOLDEN=1 writes it').toBe(golden(`${one.name}.notes.txt`, text))
  })
})

it('compares every file of the folder with something', () => {
  const known = chartCases.flatMap(({ name }) => [`${name}.golden.yaml`, `${name}.notes.txt`, `${name}.values.yaml`])
  expect(readdirSync(caseFolder).filter((file) => !known.includes(file))).toEqual([])
})

describe('helm', () => {
  it.each(['gatehouse', 'gatehouse-crds'] as const)('lints %s strictly', async (chart) => {
    const { status, out } = await helm(['lint', '--strict', chartFolder(chart)])
    expect({ status, out }).toMatchObject({ status: 0, out: expect.stringContaining('0 chart(s) failed') as string })
  })

  it('refuses a Kubernetes that is too old', async () => {
    expect(await template({}, '--kube-version', '1.29.9')).toMatchObject({
      status: 1,
      err: expect.stringContaining('incompatible with Kubernetes') as string,
    })
    expect(await template({}, '--kube-version', '1.30.0')).toMatchObject({ status: 0 })
  })
})
