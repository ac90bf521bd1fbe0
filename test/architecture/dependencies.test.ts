import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyOf, root, runIn, workspaces, type Copy, type Outcome } from './copy.ts'

const folders = ['crds', 'dataplane', 'controller', 'cli', 'test', 'bench']

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
}

const manifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest

/** The rules speak of paths in node_modules, which links out of the copy would change: empty packages stand in. */
function standInModules(copy: Copy): void {
  const names = new Set(Object.values(workspaces).flatMap((folder) => Object.keys(manifest(folder).dependencies ?? {})))
  for (const name of names) {
    if (name.startsWith('@gatehouse/')) continue
    const folder = join(copy.folder, 'node_modules', name)
    rmSync(folder.replace(/(node_modules\/@[^/]+)\/.*$/, '$1'), { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '0.0.0', main: 'index.js' }))
    writeFileSync(join(folder, 'index.js'), '')
  }
}

interface Plant {
  readonly what: string
  readonly file: string
  readonly text: string
  /** The line that the gate must print; a path from the root. */
  readonly says: string
}

const plant = (what: string, file: string, text: string, target: string): Plant => ({
  what,
  file,
  text,
  says: `error not-in-allowed: ${file} → ${target}`,
})

const plants: readonly Plant[] = [
  plant(
    'the data plane imports the CRDs by relative path',
    'dataplane/src/planted-a.ts',
    "import '../../crds/src/index.ts'\n",
    'crds/src/index.ts',
  ),
  plant(
    'the data plane imports the CRDs by package name',
    'dataplane/src/planted-b.ts',
    "import '@gatehouse/crds'\n",
    'crds/src/index.ts',
  ),
  plant(
    'the data plane imports a type of the CRDs',
    'dataplane/src/planted-c.ts',
    "import type * as crds from '@gatehouse/crds'\nexport type C = typeof crds\n",
    'crds/src/index.ts',
  ),
  plant(
    'the data plane imports the controller',
    'dataplane/src/http/planted.ts',
    "import '../../../controller/src/world.ts'\n",
    'controller/src/world.ts',
  ),
  plant(
    'the data plane imports the Kubernetes client',
    'dataplane/src/planted-d.ts',
    "import '@kubernetes/client-node'\n",
    'node_modules/@kubernetes/client-node/index.js',
  ),
  plant(
    'the contract imports the data plane',
    'dataplane/contract/planted.ts',
    "import '../src/clock.ts'\n",
    'dataplane/src/clock.ts',
  ),
  plant(
    'the language imports the contract',
    'dataplane/language/planted.ts',
    "import '../contract/index.ts'\n",
    'dataplane/contract/index.ts',
  ),
  plant('the contract reads files', 'dataplane/contract/planted-b.ts', "import 'node:fs'\n", 'fs'),
  plant(
    'the CRDs import the contract',
    'crds/src/planted.ts',
    "import '@gatehouse/contract'\n",
    'dataplane/contract/index.ts',
  ),
  plant(
    'the controller imports the data plane',
    'controller/src/planted.ts',
    "import '../../dataplane/src/clock.ts'\n",
    'dataplane/src/clock.ts',
  ),
  plant('compile/ reads files', 'controller/src/compile/planted.ts', "import 'node:fs'\n", 'fs'),
  plant(
    'compile/ uses the Kubernetes client',
    'controller/src/compile/planted-b.ts',
    "import '@kubernetes/client-node'\n",
    'node_modules/@kubernetes/client-node/index.js',
  ),
  plant(
    'push/ uses the Kubernetes client',
    'controller/src/push/planted.ts',
    "import '@kubernetes/client-node'\n",
    'node_modules/@kubernetes/client-node/index.js',
  ),
  plant(
    'the controller root uses the Kubernetes client',
    'controller/src/planted-b.ts',
    "import '@kubernetes/client-node'\n",
    'node_modules/@kubernetes/client-node/index.js',
  ),
  plant('policy/ opens sockets', 'dataplane/src/policy/planted.ts', "import 'node:net'\n", 'net'),
  plant(
    'policy/ runs code of state/',
    'dataplane/src/policy/planted-b.ts',
    "import '../state/planted.ts'\n",
    'dataplane/src/state/planted.ts',
  ),
  plant(
    'policy/ has a clock of its own',
    'dataplane/src/policy/planted-c.ts',
    "import '../clock.ts'\n",
    'dataplane/src/clock.ts',
  ),
  plant(
    'telemetry/ forwards',
    'dataplane/src/telemetry/planted.ts',
    "import '../forward/planted.ts'\n",
    'dataplane/src/forward/planted.ts',
  ),
]

const allowed: readonly Plant[] = [
  plant(
    'policy/ imports a type of state/',
    'dataplane/src/policy/allowed.ts',
    "import type { A } from '../state/planted.ts'\nexport type B = A\n",
    'dataplane/src/state/planted.ts',
  ),
  plant(
    'kube/ uses the Kubernetes client',
    'controller/src/kube/allowed.ts',
    "import '@kubernetes/client-node'\n",
    'node_modules/@kubernetes/client-node/index.js',
  ),
]

describe('the direction rules', () => {
  let copy: Copy
  let planted: Outcome

  beforeAll(async () => {
    copy = copyOf(['.dependency-cruiser.cjs', 'package.json', 'crds', 'dataplane', 'controller', 'cli'])
    standInModules(copy)
    copy.plant('dataplane/src/state/planted.ts', 'export type A = 1\n')
    copy.plant('dataplane/src/forward/planted.ts', 'export type A = 1\n')
    copy.plant('dataplane/src/http/cycle-a.ts', "import { b } from './cycle-b.ts'\nexport const a = () => b\n")
    copy.plant('dataplane/src/http/cycle-b.ts', "import { a } from './cycle-a.ts'\nexport const b = () => a\n")
    copy.plant('dataplane/src/http/untested.ts', "import './some.test.ts'\n")
    copy.plant('dataplane/src/http/some.test.ts', 'export {}\n')
    copy.plant('dataplane/src/http/nowhere.ts', "import './no-such-file.ts'\n")
    for (const { file, text } of [...plants, ...allowed]) copy.plant(file, text)
    planted = await copy.run('depcruise', '--output-type=err', 'crds', 'dataplane', 'controller', 'cli')
  })

  afterAll(() => copy.remove())

  it.each(plants)('refuse that $what', ({ says }) => {
    expect(planted.status).not.toBe(0)
    expect(planted.output).toContain(says)
  })

  it.each(allowed)('permit that $what', ({ says }) => {
    expect(planted.output).not.toContain(says)
  })

  it('refuse a cycle', () => {
    expect(planted.output).toContain('error no-cycles: dataplane/src/http/cycle-a.ts')
  })

  it('refuse that code which runs imports a test', () => {
    expect(planted.output).toContain('error no-tests-in-code: dataplane/src/http/untested.ts')
  })

  it('refuse an import that leads nowhere', () => {
    expect(planted.output).toContain('error no-unresolved: dataplane/src/http/nowhere.ts')
  })

  it('hold in the repository, and look at its modules', async () => {
    const { output } = await runIn(root, 'depcruise', ['--output-type=err', ...folders])
    const modules = /\((\d+) modules, (\d+) dependencies cruised\)/.exec(output)
    expect(output).toContain('no dependency violations found')
    expect(Number(modules?.[1])).toBeGreaterThan(80)
    expect(Number(modules?.[2])).toBeGreaterThan(150)
  })
})

describe('the packages', () => {
  it('keep the Kubernetes client out of the data plane and its contract', () => {
    for (const folder of ['dataplane', 'dataplane/contract', 'dataplane/language', 'crds']) {
      const names = Object.keys(manifest(folder).dependencies ?? {})
      expect(names.filter((name) => name.startsWith('@kubernetes/'))).toEqual([])
    }
  })

  it('refuse deep imports from outside', async () => {
    const program = "import('@gatehouse/dataplane/src/clock.ts').catch((error) => console.log(error.code))"
    const { output } = await runIn(root, 'node', ['--input-type=module', '-e', program])
    expect(output).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED')
  })
})
