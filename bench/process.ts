import { fork, type ChildProcess } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'

/** A helper process that told its port. */
export interface PortProcess {
  readonly pid: number
  readonly port: number
  close(): void
}

/** Starts a script of this folder, pinned to a core, and waits for the port that it tells by IPC. */
export async function startPortProcess(
  script: string,
  core: number,
  args: readonly string[] = [],
): Promise<PortProcess> {
  const child: ChildProcess = fork(new URL(script, import.meta.url), args, {
    execPath: 'taskset',
    execArgv: ['-c', String(core), process.execPath],
  })
  const { port } = await new Promise<{ port: number }>((resolve, reject) => {
    child.once('message', (message) => resolve(message as { port: number }))
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code}`)))
  })
  return { pid: child.pid!, port, close: () => child.disconnect() }
}

/**
 * CPU time that the threads of a process have used, user and system, in microseconds: `/proc/PID/schedstat` of each, in
 * nanoseconds, where `/proc/PID/stat` would count ticks of 10 ms.
 */
export async function cpuTime(pid: number): Promise<number> {
  const folder = `/proc/${pid}/task`
  const threads = await readdir(folder)
  const texts = await Promise.all(threads.map((thread) => readFile(`${folder}/${thread}/schedstat`, 'utf8')))
  return texts.reduce((sum, text) => sum + Number(text.split(' ')[0]) / 1000, 0)
}
