import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** The repository. */
export const root = join(import.meta.dirname, '..', '..')

/** What a gate's program said. */
export interface Outcome {
  readonly status: number
  readonly output: string
}

/** A throw-away copy of parts of the repository, to plant a violation in. */
export interface Copy {
  readonly folder: string
  plant(file: string, text: string): void
  run(program: string, ...args: string[]): Promise<Outcome>
  remove(): void
}

const notCopied = /(^|\/)(node_modules|\.git|dist|\.gatehouse)$/

/** Runs a program of the repository's node_modules in `folder`; never rejects on its exit code. */
export async function runIn(folder: string, program: string, args: readonly string[]): Promise<Outcome> {
  const PATH = `${join(root, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}`
  const child = spawn(program, args, { cwd: folder, env: { ...process.env, PATH, NO_COLOR: '1' } })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const status = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
  return { status, output }
}

/** Links every installed package, but the workspace's own to the copy. */
function linkModules(folder: string): void {
  const source = join(root, 'node_modules')
  const target = join(folder, 'node_modules')
  mkdirSync(join(target, '@gatehouse'), { recursive: true })
  for (const name of readdirSync(source)) {
    if (name !== '@gatehouse' && name !== '.cache') symlinkSync(join(source, name), join(target, name))
  }
  for (const [name, path] of Object.entries(workspaces)) {
    symlinkSync(join('..', '..', path), join(target, '@gatehouse', name))
  }
}

/** Folder of each workspace package. */
export const workspaces = {
  crds: 'crds',
  contract: 'dataplane/contract',
  language: 'dataplane/language',
  dataplane: 'dataplane',
  controller: 'controller',
  cli: 'cli',
} as const

/** @param parts - files and folders to copy, from the root */
export function copyOf(parts: readonly string[]): Copy {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-gate-'))
  for (const part of parts) {
    cpSync(join(root, part), join(folder, part), { recursive: true, filter: (source) => !notCopied.test(source) })
  }
  linkModules(folder)
  return {
    folder,
    plant: (file, text) => {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), text)
    },
    run: (program, ...args) => runIn(folder, program, args),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
