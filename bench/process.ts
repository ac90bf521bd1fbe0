import { fork, spawnSync, type ChildProcess } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'

/** A helper process that told its ports. */
export interface PortProcess {
  readonly pid: number
  readonly port: number
  /** Of another protocol than the first; null = there is none. */
  readonly second: number | null
  close(): void
}

interface Told {
  readonly port: number
  readonly second?: number
}

/** Starts a script of this folder, pinned to a core, and waits for the port that it tells by IPC. */
export async function startPortProcess(
  script: string,
  core: number,
  args: readonly string[] = [],
): Promise<PortProcess> {
  const child: ChildProcess = fork(new URL(script, import.meta.url), args, {
    execPath: 'taskset',
    execArgv: ['-c', String(core), process.execPath, '--no-deprecation'],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  child.stdout?.resume()
  const { port, second = null } = await new Promise<Told>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Told))
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code}`)))
    child.once('error', () => reject(new Error('taskset could not be started; install util-linux')))
  })
  return { pid: child.pid!, port, second, close: () => child.disconnect() }
}

/** Keeps a process that runs, with all its threads, on one core. */
export function pin(pid: number, core: number): void {
  const { status } = spawnSync('taskset', ['-a', '-c', '-p', String(core), String(pid)])
  if (status !== 0) throw new Error('taskset failed; install util-linux')
}

/** @returns the first and the last core that this process may use; the same one where there is only one */
export async function usableCores(): Promise<[first: number, last: number]> {
  const status = await readFile('/proc/self/status', 'utf8')
  const cores = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1]?.split(/[,-]/).map(Number) ?? [0]
  return [cores[0]!, cores.at(-1)!]
}

/**
 * CPU time that the threads of a process have used, user and system, in microseconds: `/proc/PID/task/TID/schedstat`
 * counts nanoseconds, where `/proc/PID/stat` would count ticks of 10 ms.
 */
export async function cpuTime(pid: number): Promise<number> {
  const folder = `/proc/${pid}/task`
  const threads = await readdir(folder)
  const texts = await Promise.all(threads.map((thread) => readFile(`${folder}/${thread}/schedstat`, 'utf8')))
  return texts.reduce((sum, text) => sum + Number(text.split(' ')[0]) / 1000, 0)
}

/** A process and those that it started. */
export async function processTree(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`)
  const texts = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8')))
  const children = texts.flatMap((text) => text.split(' ').filter(Boolean).map(Number))
  return [pid, ...(await Promise.all(children.map(processTree))).flat()]
}

/** Memory that a process holds, in bytes. */
export async function residentBytes(pid: number): Promise<number> {
  return 1024 * Number(/^VmRSS:\s*(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
}
