import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { startCommandLine } from './commandLine.ts'
import { statusOf } from './statusOf.ts'

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url))

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

function runDemo(...args: readonly string[]): Promise<{ readonly status: number; readonly out: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [path('examples/demo.ts'), ...args], (_, out) => {
      resolve({ status: child.exitCode ?? -1, out })
    })
  })
}

/** A copy of the quick start in which one text of one file is another. */
async function changedQuickstart(file: string, from: string, to: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-quickstart-'))
  closers.push(() => rm(folder, { recursive: true }))
  await cp(path('examples/quickstart'), folder, { recursive: true })
  const text = await readFile(join(folder, file), 'utf8')
  expect(text).toContain(from)
  await writeFile(join(folder, file), text.replace(from, to))
  return folder
}

/** What a shell makes of a line that calls curl; curl itself need not be there. */
async function pasted(line: string): Promise<readonly string[]> {
  const print = 'console.log(JSON.stringify(process.argv.slice(1)))'
  const script = `curl() { "${process.execPath}" -e '${print}' -- "$@"; }\n${line}`
  const { out } = await startCommandLine(['sh', '-c', script]).ended
  return JSON.parse(out) as readonly string[]
}

/** URL and headers of `-i URL -H 'Name: value' …`. */
function curlArguments([include, url = '', ...rest]: readonly string[]): [string, Record<string, string>] {
  expect(include).toBe('-i')
  const values = rest.filter((_, index) => index % 2 === 1)
  expect(rest.filter((_, index) => index % 2 === 0)).toEqual(values.map(() => '-H'))
  const headers = values.map((value) => [value.slice(0, value.indexOf(': ')), value.slice(value.indexOf(': ') + 2)])
  return [url, Object.fromEntries(headers) as Record<string, string>]
}

describe('make demo', () => {
  it('finds everything as expected', async () => {
    const { status, out } = await runDemo()
    expect(out).toMatch(/\d\d checks of .* all as expected/)
    expect(out).toMatch(/100 x 503 circuit-open .*reached by 0, 0 connections; p50 [\d.]+ ms, p99 [\d.]+ ms/)
    expect(status).toBe(0)
  })

  it.each([
    { file: '40-who-may-call.yaml', from: 'anyOf: [acme]', to: 'anyOf: [acme, globex]', what: 'another tenant' },
    { file: '50-what-they-may-do.yaml', from: 'burst: 10', to: 'burst: 100', what: 'a burst of 30' },
  ])('exits with 1 when a policy no longer stops $what', async ({ file, from, to, what }) => {
    const { status, out } = await runDemo('--examples', await changedQuickstart(file, from, to))
    expect(out).toMatch(new RegExp(`^NO +${what}`, 'm'))
    expect(out).toContain('1 NOT as expected')
    expect(status).toBe(1)
  })
})

describe('make dev', () => {
  it('prints three curl lines that work when pasted, and ends with Ctrl-C', async () => {
    const demo = startCommandLine([process.execPath, path('examples/demo.ts'), '--stay'])
    closers.push(async () => {
      demo.child.kill('SIGINT')
      await demo.ended
    })
    const isCurl = (line: string): boolean => line.startsWith('  curl ')
    await demo.out.first(() => demo.out.all.filter(isCurl).length === 3, 60_000)
    const answers = []
    for (const line of demo.out.all.filter(isCurl)) {
      const [url, headers] = curlArguments(await pasted(line))
      answers.push(await statusOf(url, 'GET', headers))
    }
    expect(answers).toEqual([200, 401, 200])
    demo.child.kill('SIGINT')
    expect((await demo.ended).status).toBe(0)
  })
})
