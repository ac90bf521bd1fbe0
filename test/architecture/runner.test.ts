import { chmodSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { copyOf, type Copy, type Outcome } from './copy.ts'

let copy: Copy | null = null
const copied = (...parts: string[]): Copy => (copy = copyOf(parts))
afterEach(() => {
  copy?.remove()
  copy = null
})

const program = (file: string, text: string): void => {
  if (copy === null) throw new Error('copy first')
  copy.plant(file, text)
  chmodSync(join(copy.folder, file), 0o755)
}

/** A zombie that nobody has waited for yet does not run. */
const isRunning = (pid: string): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

const lastLine = ({ output }: Outcome): string => output.trimEnd().split('\n').at(-1) ?? ''

describe('scripts/run.ts', () => {
  const withSteps = (): Copy => {
    const made = copied('scripts', 'package.json')
    made.plant(
      'scripts/steps.ts',
      `export const steps = {
        good: { kind: 'gate', command: ['true'] },
        bad: { kind: 'gate', command: ['false'] },
        absent: { kind: 'gate', command: ['no-such-program'] },
        sound: { kind: 'layer', needs: null, within: null },
        red: { kind: 'layer', needs: null, within: null },
        empty: { kind: 'layer', needs: null, within: null },
        crash: { kind: 'layer', needs: null, within: null },
        far: { kind: 'layer', needs: 'a cluster: make test-far', within: null },
      }
      export const groups = { both: ['good', 'sound'] }\n`,
    )
    made.plant(
      'vitest.config.ts',
      `import { defineConfig } from 'vitest/config'
      const names = ['sound', 'red', 'empty', 'crash']
      export default defineConfig({ test: { projects: names.map((name) => ({
        test: { name, include: [name + '.test.ts'], passWithNoTests: true } })) } })\n`,
    )
    const test = (name: string, body: string): string =>
      `import { it } from 'vitest'\nit('${name}', () => { ${body} })\n`
    made.plant('sound.test.ts', test('one', '') + test('two', '').split('\n')[1])
    made.plant('red.test.ts', test('one', '') + test('two', "throw new Error('red')").split('\n')[1])
    made.plant('crash.test.ts', test('one', "Promise.reject(new Error('nobody waits'))"))
    return made
  }

  it.each([
    { names: ['good'], status: 0, says: '1 passed, 0 failed' },
    { names: ['both'], status: 0, says: '3 passed, 0 failed' },
    { names: ['bad', 'good', 'sound'], status: 1, says: '3 passed, 1 failed' },
    { names: ['absent'], status: 1, says: '0 passed, 1 failed' },
    { names: ['red'], status: 1, says: '1 passed, 1 failed' },
    { names: ['empty'], status: 1, says: '0 passed, 1 failed' },
    { names: ['crash'], status: 1, says: '1 passed, 1 failed' },
  ])('counts $names', async ({ names, status, says }) => {
    const outcome = await withSteps().run('node', 'scripts/run.ts', ...names)
    expect(outcome.status).toBe(status)
    expect(lastLine(outcome)).toBe(says)
  })

  it('names the layers it did not run and what each needs', async () => {
    const { output } = await withSteps().run('node', 'scripts/run.ts', 'sound')
    expect(output).toMatch(/Layers not run:[\s\S]*far +needs a cluster: make test-far/)
  })

  it('says at the end what failed, and why', async () => {
    const { output } = await withSteps().run('node', 'scripts/run.ts', 'bad', 'red', 'sound')
    expect(output).toMatch(/\nFailed:\n {2}bad: false\n {2}red: two: Error: red\n\n3 passed, 2 failed\n$/)
  })

  it('refuses a name it does not know', async () => {
    const { status, output } = await withSteps().run('node', 'scripts/run.ts', 'unknown')
    expect(status).not.toBe(0)
    expect(output).toContain('no step is called unknown')
  })
})

describe('scripts/setup.cjs', () => {
  const npm = '#!/bin/sh\necho "npm $*"\nexit 0\n'

  /** A clone whose node_modules holds only what its lock file names: one package. */
  const clone = (installedVersion: string | null): Copy => {
    const made = copied('scripts')
    rmSync(join(made.folder, 'node_modules'), { recursive: true })
    const lock = (version: string): string =>
      JSON.stringify({
        packages: { '': {}, 'node_modules/a': { version }, 'node_modules/b': { version: '1.0.0', optional: true } },
      })
    made.plant('package-lock.json', lock('1.0.0'))
    if (installedVersion !== null) made.plant('node_modules/.package-lock.json', lock(installedVersion))
    program('bin/npm', npm)
    program('node_modules/.bin/npm', '#!/bin/sh\necho the wrong npm\nexit 1\n')
    return made
  }
  const setup = ({ folder, run }: Copy): Promise<Outcome> =>
    run(
      'env',
      `PATH=${folder}/node_modules/.bin:${folder}/bin:${process.env['PATH']}`,
      process.execPath,
      'scripts/setup.cjs',
    )

  it('installs in a fresh clone', async () => {
    expect((await setup(clone(null))).output).toContain('npm ci --loglevel=error')
  })

  it('installs again when another version is there', async () => {
    expect((await setup(clone('0.9.0'))).output).toContain('npm ci --loglevel=error')
  })

  it('is silent when all is there', async () => {
    expect(await setup(clone('1.0.0'))).toEqual({ status: 0, output: '' })
  })

  it('stops with one sentence when the Node that would run is too old', async () => {
    const made = clone('1.0.0')
    program('node_modules/.bin/node', '#!/bin/sh\necho "v20.20.2 false"\n')
    const { status, output } = await setup(made)
    expect(status).toBe(69)
    expect(output).toMatch(/^Node v20\.20\.2 does not run TypeScript: .*\n$/)
  })
})

describe('.ci/run', () => {
  const ci = async (make: string): Promise<Outcome> => {
    const made = copied('.ci')
    program('bin/make', `#!/bin/sh\n${make}\n`)
    // Whatever is missing here, a test installs nothing.
    for (const name of ['apt-get', 'promtool']) program(`bin/${name}`, '#!/bin/sh\n')
    return made.run(
      'env',
      `PATH=${made.folder}/bin:${process.env['PATH']}`,
      `GATEHOUSE_CACHE=${made.folder}/cache`,
      '.ci/run',
    )
  }

  it('adds up what the targets counted', async () => {
    const outcome = await ci('echo "3 passed, 0 failed"')
    expect(outcome.status).toBe(0)
    expect(lastLine(outcome)).toBe('6 passed, 0 failed')
  })

  it('fails when a target failed', async () => {
    const outcome = await ci('echo "3 passed, 1 failed"; exit 1')
    expect(outcome.status).toBe(1)
    expect(lastLine(outcome)).toBe('6 passed, 2 failed')
  })

  it('fails when a target ended badly without saying so', async () => {
    expect(lastLine(await ci('echo "3 passed, 0 failed"; exit 2'))).toBe('6 passed, 2 failed')
    copy?.remove()
    expect(lastLine(await ci('exit 2'))).toBe('0 passed, 2 failed')
  })

  it('ends what a target left running, and fails', async () => {
    const outcome = await ci('[ "$1" = test ] && (sleep 300 & echo $! > pid); echo "1 passed, 0 failed"')
    expect(lastLine(outcome)).toBe('2 passed, 1 failed')
    const pid = readFileSync(join(copy?.folder ?? '', 'pid'), 'utf8').trim()
    expect(outcome.output).toContain(`  ${pid} sleep 300`)
    await expect.poll(() => isRunning(pid)).toBe(false)
  })
})
