import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { createCgroups, settleCgroups } from './cgroups.ts'
import { createStateFolder, isAbandoned, stateFolder, stateFolderPattern } from './stateFolder.ts'

const run = promisify(execFile)
const scripts = join(import.meta.dirname, 'sandbox')

/** What one must know of a sandbox to run a program in it. */
export interface SandboxHandle {
  /** Of its first process, as the machine counts. */
  readonly pid: number
  /** The cgroups that its programs start in. */
  readonly cgroups: readonly string[]
  /** Files that outside and inside are at the same path. */
  readonly folder: string
}

/** Cgroups and mount, process, network, host name, IPC and cgroup namespaces of a node, below those of this process. */
export interface Sandbox extends SandboxHandle {
  /** Ends everything in the sandbox and removes what it consisted of. @throws when something cannot be removed */
  close(): Promise<void>
}

export interface SandboxOptions {
  readonly hostname: string
  /** Of its network device; the network is a /24. */
  readonly address: string
  /** Of its name server. */
  readonly dns: string
}

/**
 * A program's command line from outside. Ending what it starts ends the program: SIGTERM reaches it when its parent
 * goes.
 */
export function insideCommand(
  { pid, cgroups }: SandboxHandle,
  command: readonly string[],
): readonly [string, readonly string[]] {
  const enter = ['nsenter', '-t', String(pid), '-m', '-p', '-n', '-u', '-i', '-C', `--wdns=${process.cwd()}`, '--']
  const bound = ['setpriv', '--pdeathsig', 'TERM', '--', ...command]
  return [join(scripts, 'enter.sh'), [...cgroups, '--', ...enter, ...bound]]
}

/** Removes the cgroups of runs that were killed together with what should have removed them. */
async function reapAbandoned(): Promise<void> {
  const found = await run('find', ['/sys/fs/cgroup', '-type', 'd', '-name', stateFolderPattern, '-prune'])
  const cgroups = found.stdout.split('\n').filter((path) => path !== '' && isAbandoned(basename(path)))
  for (const cgroup of cgroups) await end(startReaper(stateFolder(basename(cgroup)), [cgroup]))
}

/** Removes everything once its standard input ends: when we say so, or when we are gone in whatever way. */
function startReaper(folder: string, cgroups: readonly string[]): ChildProcess {
  return spawn(join(scripts, 'reap.sh'), [folder, ...cgroups], { stdio: ['pipe', 'ignore', 'pipe'], detached: true })
}

async function end(reaper: ChildProcess): Promise<void> {
  let complaint = ''
  reaper.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
  const exited = once(reaper, 'close')
  reaper.stdin?.end()
  await exited
  if (reaper.exitCode !== 0) throw new Error(`the sandbox was not removed: ${complaint.trim()}`)
}

/** @throws with all that it said when the first process does not get ready */
async function startFirst(init: ChildProcess, logFile: string): Promise<number> {
  if (init.stdout === null || init.stderr === null) throw new Error('the first process has no output')
  let said = ''
  init.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  init.stderr.pipe(createWriteStream(logFile))
  const lines = createInterface({ input: init.stdout })
  for await (const line of lines) return Number(line)
  throw new Error(`the sandbox did not start; it needs root: ${said.trim()}`)
}

/**
 * Starts a sandbox. Nothing of the machine is remounted or changed, and it does not outlive this process. What killed
 * runs left behind is removed first.
 */
export async function startSandbox({ hostname, address, dns }: SandboxOptions): Promise<Sandbox> {
  await reapAbandoned()
  const folder = await createStateFolder()
  const cgroups = await createCgroups(basename(folder))
  const reaper = startReaper(folder, cgroups.folders)
  const close = (): Promise<void> => end(reaper)
  try {
    const unshare = ['unshare', '--mount', '--propagation', 'private', '--pid', '--kill-child']
    const namespaces = [...unshare, '--net', '--uts', '--ipc', '--cgroup', '--']
    const first = [join(scripts, 'init.sh'), folder, hostname, address, dns, ...cgroups.mounts]
    const init = spawn(join(scripts, 'enter.sh'), [...cgroups.folders, '--', ...namespaces, ...first], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const pid = await startFirst(init, join(folder, 'init.log'))
    const pids = [pid, ...(init.pid === undefined ? [] : [init.pid])]
    return { pid, folder, cgroups: await settleCgroups(cgroups, pids), close }
  } catch (error) {
    await close()
    throw error
  }
}
