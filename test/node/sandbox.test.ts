import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { insideCommand, startSandbox, type SandboxHandle } from '../cluster/sandbox.ts'

const options = { hostname: 'sandbox', address: '10.245.0.1', dns: '10.97.0.10' }

interface Held {
  readonly keeper: ChildProcess
  readonly sandbox: SandboxHandle
}

async function firstLine(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) return line
  throw new Error('the program said nothing')
}

/** A sandbox of a process of its own, with a program in it. */
async function hold(): Promise<Held> {
  const keeper = spawn(process.execPath, [join(import.meta.dirname, 'sandboxProcess.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const sandbox = JSON.parse(await firstLine(keeper)) as SandboxHandle
  expect(await say(sandbox, 'sleep infinity & echo started; wait')).toBe('started')
  return { keeper, sandbox }
}

/** Starts a shell script in a sandbox. @returns its first line */
function say(sandbox: SandboxHandle, script: string): Promise<string> {
  const [program, args] = insideCommand(sandbox, ['sh', '-c', script])
  return firstLine(spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] }))
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

/** Processes whose command line has this text. */
const processesWith = (text: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text)
      } catch {
        return false
      }
    })
    .map(Number)

/** Whether a process runs: one that nobody has asked for its status does not. */
function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** What there still is of a sandbox. */
const remains = ({ pid, cgroups, folder }: SandboxHandle): readonly string[] => [
  ...(isRunning(pid) ? [`process ${pid}`] : []),
  ...[folder, ...cgroups].filter((path) => existsSync(path)),
]

/** A process is in no cgroup any more a moment before it has ended. */
async function untilGone(sandbox: SandboxHandle): Promise<void> {
  while (remains(sandbox).length > 0) await pause(20)
}

describe('the sandbox of a node', () => {
  it('has a host name, a network and memory of its own, and the machine keeps its own', async () => {
    const sandbox = await startSandbox(options)
    try {
      expect(await say(sandbox, 'hostname')).toBe('sandbox')
      expect(await say(sandbox, 'ip -o -4 address show dev node0')).toContain('10.245.0.1/24')
      expect(await say(sandbox, 'stat -f -c %T /run')).toBe('tmpfs')
      expect(hostname()).not.toBe('sandbox')
      expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain('lowerdir=/etc')
    } finally {
      await sandbox.close()
    }
    await untilGone(sandbox)
  })

  it('ends what runs in it, and nothing in another', async () => {
    const [one, other] = await Promise.all([startSandbox(options), startSandbox(options)])
    await say(one, 'sleep infinity & echo started; wait')
    await one.close()
    await untilGone(one)
    expect(await say(other, 'hostname')).toBe('sandbox')
    await other.close()
  })

  it.each(['SIGTERM', 'SIGKILL'] as const)('ends a program when what runs it from outside gets %s', async (signal) => {
    const sandbox = await startSandbox(options)
    try {
      const [program, args] = insideCommand(sandbox, ['sh', '-c', 'echo $$; exec sleep infinity'])
      const running = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
      const inner = await firstLine(running)
      expect(await say(sandbox, `cat /proc/${inner}/comm`)).toBe('sleep')
      running.kill(signal)
      await say(sandbox, `while [ -e /proc/${inner} ]; do sleep 0.02; done; echo gone`)
    } finally {
      await sandbox.close()
    }
  })

  it('goes when its process is killed', async () => {
    const { keeper, sandbox } = await hold()
    await kill(keeper)
    await untilGone(sandbox)
    while (processesWith(sandbox.folder).length > 0) await pause(20)
  })

  it('goes at the next start when what would have removed it was killed as well', async () => {
    const { keeper, sandbox } = await hold()
    const reapers = processesWith(`reap.sh\0${sandbox.folder}`)
    expect(reapers).toHaveLength(1)
    process.kill(reapers[0]!, 'SIGKILL')
    await kill(keeper)
    expect(remains(sandbox)).toContain(sandbox.folder)
    const next = await startSandbox(options)
    await untilGone(sandbox)
    await next.close()
  })
})
