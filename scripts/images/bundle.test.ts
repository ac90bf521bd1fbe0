import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { bundle } from './bundle.ts'

let root = ''
const plant = (file: string, text: string): void => {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
}
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gatehouse-bundle-'))
  plant('LICENSE', 'ours')
  plant('dataplane/src/bodyWorker.ts', 'process.exit(0)')
  plant(
    'node_modules/@scope/part/package.json',
    '{"name":"@scope/part","version":"1.2.3","license":"MIT","main":"i.js"}',
  )
  plant('node_modules/@scope/part/i.js', 'exports.part = (name) => name.length')
  plant('node_modules/@scope/part/LICENSE.md', 'theirs')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

it('holds the code of a package, its name and its licence', async () => {
  plant('dataplane/src/main.ts', `import { part } from '@scope/part'\nconst n: number = part('x')\nprocess.exit(n)`)
  const { files, packages } = await bundle(root, 'dataplane')
  expect([...files.keys()]).toEqual(['bodyWorker.mjs', 'main.mjs', 'LICENSE', 'THIRD-PARTY-LICENSES.txt'])
  expect(files.get('main.mjs')).toContain('name.length')
  expect(packages).toEqual(['@scope/part@1.2.3'])
  expect(files.get('THIRD-PARTY-LICENSES.txt')).toBe('@scope/part 1.2.3 (MIT)\n\ntheirs\n')
})

it('has a file for what is imported later', async () => {
  plant('dataplane/src/late.ts', `export const late = 'later'`)
  plant('dataplane/src/main.ts', `const { late } = await import('./late.ts')\nprocess.stdout.write(late)`)
  const { files } = await bundle(root, 'dataplane')
  expect([...files.keys()].filter((name) => name.endsWith('.mjs'))).toHaveLength(3)
})

it('refuses to leave out what it cannot find', async () => {
  plant('dataplane/src/main.ts', `import { x } from 'nowhere'\nprocess.exit(x)`)
  await expect(bundle(root, 'dataplane')).rejects.toThrow(/the bundler warns: .*nowhere/)
})

it('refuses what is only there where it was bundled', async () => {
  plant('node_modules/@scope/part/i.js', `exports.part = () => { try { return require('absent') } catch { return 0 } }`)
  plant('dataplane/src/main.ts', `import { part } from '@scope/part'\nprocess.exit(part())`)
  await expect(bundle(root, 'dataplane')).rejects.toThrow('the bundle needs absent, which is not in it')
})
