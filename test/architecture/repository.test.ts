import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { copyOf, root, runIn, type Copy } from './copy.ts'

let copy: Copy | null = null
const copied = (...parts: string[]): Copy => (copy = copyOf(parts))
afterEach(() => {
  copy?.remove()
  copy = null
})

const edit = (file: string, change: (text: string) => string): void => {
  if (copy === null) throw new Error('copy first')
  const path = join(copy.folder, file)
  const before = readFileSync(path, 'utf8')
  const after = change(before)
  if (after === before) throw new Error(`the change to ${file} changed nothing`)
  writeFileSync(path, after)
}

describe('the type check', () => {
  const parts = ['tsconfig.base.json', 'dataplane/contract']

  it('refuses a wrong type', async () => {
    const { plant, run } = copied(...parts)
    plant('dataplane/contract/planted.ts', "export const wrong: number = 'text'\n")
    const { status, output } = await run('tsc', '-b', 'dataplane/contract')
    expect(status).not.toBe(0)
    expect(output).toContain('dataplane/contract/planted.ts(1,14): error TS2322')
  })

  it('refuses syntax that Node cannot strip', async () => {
    const { plant, run } = copied(...parts)
    plant('dataplane/contract/planted.ts', 'export enum Colour {\n  Red,\n}\n')
    expect((await run('tsc', '-b', 'dataplane/contract')).output).toContain('error TS1294')
  })

  it('refuses an import across packages by relative path', async () => {
    const { plant, run } = copied(...parts)
    plant('dataplane/src/outside.ts', 'export const outside = 1\n')
    plant('dataplane/contract/planted.ts', "export { outside } from '../src/outside.ts'\n")
    expect((await run('tsc', '-b', 'dataplane/contract')).output).toMatch(/error TS(6307|6059)/)
  })
})

describe('the format check', () => {
  it('refuses another form', async () => {
    const { plant, run } = copied('.prettierrc.json', '.prettierignore', 'package.json')
    plant('dataplane/src/planted.ts', 'export const  a = "b";\n')
    const { status, output } = await run('prettier', '--check', '--log-level=warn', '.')
    expect(status).not.toBe(0)
    expect(output).toContain('dataplane/src/planted.ts')
  })
})

describe('the search for unused code', () => {
  it('names a file and an export that nobody uses', async () => {
    const { plant, run } = copied(
      'knip.json',
      'package.json',
      'crds',
      'dataplane',
      'controller',
      'cli',
      'vitest.config.ts',
    )
    plant('crds/src/planted.ts', 'export const planted = 1\n')
    edit('crds/src/common.ts', (text) => `${text}\nexport const plantedExport = 1\n`)
    const { status, output } = await run('knip')
    expect(status).not.toBe(0)
    expect(output).toContain('crds/src/planted.ts')
    expect(output).toContain('plantedExport')
  })
})

describe('the generated files', () => {
  const parts = ['crds', 'charts', 'docs/reference', '.prettierrc.json']
  const check = (): Promise<{ status: number; output: string }> => {
    if (copy === null) throw new Error('copy first')
    return copy.run('node', 'crds/generate.ts', '--check')
  }

  it('are what their source says', async () => {
    copied(...parts)
    expect(await check()).toMatchObject({ status: 0 })
  })

  it.each([
    'crds/gatewayroutes.yaml',
    'crds/accesspolicies.yaml',
    'crds/gatehouses.yaml',
    'charts/gatehouse-crds/templates/gatehouses.yaml',
    'docs/reference/accesspolicy.md',
  ])('may not be edited: %s', async (file) => {
    copied(...parts)
    edit(file, (text) => text.replace(/[Nn]ame/, 'nome'))
    const { status, output } = await check()
    expect(status).not.toBe(0)
    expect(output).toContain(file)
  })

  it('differ when the source changes', async () => {
    copied(...parts)
    edit('crds/src/kinds.ts', (text) => text.replace("'gwr'", "'gwx'"))
    const { status, output } = await check()
    expect(status).not.toBe(0)
    expect(output).toContain('gatewayroutes.yaml')
  })
})

describe('the lock file check', () => {
  const parts = ['package.json', 'package-lock.json', 'crds', 'dataplane', 'controller', 'cli', 'scripts']
  const check = (): Promise<{ status: number; output: string }> =>
    runIn(root, 'node', ['scripts/lockfile.ts', copy?.folder ?? ''])

  it('passes on the repository', async () => {
    copied(...parts)
    expect(await check()).toMatchObject({ status: 0, output: '' })
  })

  it('refuses a package without integrity', async () => {
    copied(...parts)
    edit('package-lock.json', (text) => text.replace(/\n\s+"integrity": "[^"]+",/, ''))
    expect(await check()).toMatchObject({
      status: 1,
      output: expect.stringContaining('has no sha512 integrity') as string,
    })
  })

  it.each(['^', '~', '>=', 'v'])('refuses the version %s1.2.3', async (prefix) => {
    copied(...parts)
    edit('controller/package.json', (text) => text.replace(/"undici": "/, `$&${prefix}`))
    expect(await check()).toMatchObject({
      status: 1,
      output: expect.stringContaining('controller/package.json: dependencies.undici') as string,
    })
  })
})

describe('the search for forbidden text', () => {
  const faults = [
    { file: 'dataplane/src/a.ts', text: `// oxlint-${'disable'}-next-line\n`, says: 'mend the code' },
    { file: 'dataplane/src/b.ts', text: `// @ts-expect-${'error'}\n`, says: 'mend the code' },
    { file: 'dataplane/src/c.ts', text: `export const a = 1 as ${'any'}\n`, says: 'name the type' },
    { file: 'dataplane/src/d.ts', text: `// TO${'DO'}: later\n`, says: 'finish it' },
    { file: 'dataplane/src/e.ts', text: `export const a = new ${'Date'}()\n`, says: 'take a Clock' },
    { file: 'controller/src/compile/f.ts', text: `export const a = Math.${'random'}()\n`, says: 'take randomness' },
    {
      file: 'dataplane/src/g.ts',
      text: `export const a = { rejectUnauthorized: ${'false'} }\n`,
      says: 'verify the peer',
    },
    { file: 'dataplane/src/h.test.ts', text: `it.${'skip'}('does', () => {})\n`, says: 'every test runs' },
    { file: 'dataplane/src/i.test.ts', text: `setTimeout(resolve, ${'500'})\n`, says: 'wait for the thing itself' },
    { file: 'docs/j.md', text: `See /home/${'somebody'}/notes.\n`, says: 'no path of one machine' },
    {
      file: 'package-lock.json',
      text: `{ "resolved": "https:${'//'}registry.example/a" }\n`,
      says: 'no registry host',
    },
    { file: 'examples/k.yaml', text: `key: -----BEGIN ${'PRIVATE'} KEY-----\n`, says: 'no key material' },
    { file: 'dataplane/src/l.ts', text: 'export {}\n'.repeat(401), says: 'more than one idea' },
  ]
  const check = (): Promise<{ status: number; output: string }> =>
    runIn(root, 'node', ['scripts/words.ts', copy?.folder ?? ''])

  it.each(faults)('finds it in $file: $says', async ({ file, text, says }) => {
    const { plant } = copied()
    plant(file, text)
    const { status, output } = await check()
    expect(status).toBe(1)
    expect(output).toMatch(new RegExp(`^${file}.*${says}`, 'm'))
  })

  it('passes sound text, and fails when it read nothing', async () => {
    const { plant } = copied()
    expect((await check()).status).toBe(1)
    plant('dataplane/src/a.ts', 'export const any = 1\n')
    plant('my-keys/shop.key', ['-----BEGIN', 'PRIVATE', 'KEY-----\n'].join(' '))
    expect(await check()).toMatchObject({ status: 0 })
  })
})
