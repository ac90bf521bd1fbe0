import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RedisClient } from '@redis/client'
import { freePorts } from '../cluster/freePorts.ts'

/** A redis-server or redis-sentinel of its own, on a loopback port, with a private folder. */
export interface RedisServer {
  readonly port: number
  /** Sends one command on a connection of its own. */
  ask(...command: readonly string[]): Promise<unknown>
  /** Stops it by SIGSTOP: connections stay, and nothing answers. */
  freeze(): void
  thaw(): void
  /** Ends it at once, without a word to its clients. */
  kill(): Promise<void>
  /** Starts it again on the same port, with what it keeps on disk (nothing, unless told). */
  restart(): Promise<void>
  /** Ends it and removes its folder. */
  close(): Promise<void>
}

export interface RedisOptions {
  readonly program?: 'redis-server' | 'redis-sentinel'
  readonly port?: number
  /** More lines of its configuration. */
  readonly lines?: readonly string[]
  /** Whether a plain connection can ask it whether it is there. */
  readonly plain?: boolean
  /** How {@link RedisServer.ask} logs in. */
  readonly password?: string
}

/** Starts one and waits until it takes connections. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const { program = 'redis-server', lines = [], plain = true } = options
  const port = options.port ?? (await freePorts(1))[0]!
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-redis-'))
  const file = join(folder, 'redis.conf')
  const own = [plain ? `port ${port}` : 'port 0', 'bind 127.0.0.1', `dir ${folder}`, 'daemonize no']
  const memory = program === 'redis-server' ? ['save ""', 'appendonly no', 'repl-diskless-sync-delay 0'] : []
  writeFileSync(file, `${[...own, ...memory, ...lines].join('\n')}\n`)
  let child = launch(program, file)
  await answers(child, port)
  const end = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  return {
    port,
    ask: (...command) => ask(port, options.password, command),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    kill: end,
    restart: async () => {
      await end()
      child = launch(program, file)
      await answers(child, port)
    },
    close: async () => {
      await end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const launch = (program: string, file: string): ChildProcess =>
  spawn(program, [file], { stdio: ['ignore', 'pipe', 'inherit'] })

/** Its log says when it is ready; what comes after is read and forgotten. */
async function answers(child: ChildProcess, port: number): Promise<void> {
  let log = ''
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout!.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-10_000)
      if (/Ready to accept connections|Sentinel ID is/.test(log)) resolve()
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`the store on port ${port} ended: ${log}`)))
  })
  await ready
}

/** Made once, for to build all commands takes longer than to ask. */
const clientOf = RedisClient.factory({ RESP: 2 })

async function ask(port: number, password: string | undefined, command: readonly string[]): Promise<unknown> {
  const options = {
    RESP: 2,
    disableClientInfo: true,
    socket: { host: '127.0.0.1', port, reconnectStrategy: false },
    ...(password !== undefined && { password }),
  } as const
  const client = clientOf(options)
  client.on('error', () => {})
  await client.connect()
  try {
    return await client.sendCommand(command)
  } finally {
    client.destroy()
  }
}

/** How many scripts a server has run since it started, by its own count: no replica counts those of its leader. */
export async function scriptsRun(server: RedisServer): Promise<number> {
  const told = String(await server.ask('INFO', 'commandstats'))
  return [...told.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0)
}
