import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Agent, request, type RequestOptions } from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import type { LoadOptions, LoadResult } from './loadResult.ts'

/**
 * A client that asks steadily, half over kept connections and half over new ones, while slow transfers run. It repeats
 * nothing: a request that got no right answer is lost. Started on the node with its options as JSON; ends when its
 * standard input does, and then prints a {@link LoadResult}.
 */
const options = JSON.parse(process.argv[2] ?? '{}') as LoadOptions
const ca = await readFile(options.caFile, 'utf8')
const kept = new Agent({ keepAlive: true, maxSockets: 64, ca })
const deadline = 15_000

const lost = new Map<string, number>()
const counts = { requests: 0, answered: 0, transfers: 0 }

function lose(reason: string): void {
  lost.set(reason, (lost.get(reason) ?? 0) + 1)
}

const target = (path: string, method: string): RequestOptions => ({
  host: options.address,
  port: options.port,
  servername: options.host,
  headers: { host: options.host },
  path,
  method,
  ca,
})

/** One request whose whole answer must come with 200. @returns the body's digest */
function exchange(at: RequestOptions, body: AsyncIterable<Buffer> | null, limit: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const outgoing = request({ ...at, signal: AbortSignal.timeout(limit) }, (response) => {
    const hash = createHash('sha256')
    response.on('data', (chunk: Buffer) => hash.update(chunk))
    response.on('error', reject)
    response.on('end', () => {
      if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`))
      else if (response.complete) resolve(hash.digest('hex'))
      else reject(new Error('the answer broke off'))
    })
  })
  outgoing.on('error', reject)
  if (body === null) outgoing.end()
  else void send(outgoing, body).catch(reject)
  return promise
}

async function send(outgoing: ReturnType<typeof request>, body: AsyncIterable<Buffer>): Promise<void> {
  for await (const chunk of body) outgoing.write(chunk)
  outgoing.end()
}

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}

/** @param index - even over a kept connection, odd over a new one */
async function ask(index: number): Promise<void> {
  counts.requests++
  const agent = index % 2 === 0 ? kept : new Agent({ ca })
  const path = options.paths[Math.floor(index / 2) % options.paths.length]!
  try {
    await exchange({ ...target(path, 'GET'), agent }, null, deadline)
    counts.answered++
  } catch (error) {
    lose(`${index % 2 === 0 ? 'kept' : 'new'} ${reasonOf(error)}`)
  }
}

let ending = false
const isOver = (): boolean => ending
process.stdin.on('end', () => (ending = true)).resume()

async function steadily(): Promise<void> {
  const running = new Set<Promise<void>>()
  const started = performance.now()
  for (let index = 0; !isOver(); index++) {
    await pause(Math.max(0, started + (index * 1000) / options.rate - performance.now()))
    const one: Promise<void> = ask(index).finally(() => running.delete(one))
    running.add(one)
  }
  await Promise.all(running)
}

const pieces = 20
const pieceOf = (): Buffer => randomBytes(4096)

async function* slowly(hash: ReturnType<typeof createHash>): AsyncGenerator<Buffer> {
  for (let sent = 0; sent < pieces; sent++) {
    const piece = pieceOf()
    hash.update(piece)
    yield piece
    await pause(options.transfer / pieces)
  }
}

/** Uploads slowly; the backend answers with the digest of what it got. */
async function upload(): Promise<void> {
  const sent = createHash('sha256')
  const at = { ...target(options.uploadPath, 'POST'), agent: new Agent({ ca }) }
  const answer = await exchange(at, slowly(sent), options.transfer + deadline)
  const wanted = createHash('sha256').update(sent.digest('hex')).digest('hex')
  if (answer !== wanted) throw new Error('another upload arrived')
}

/** Downloads slowly what the backend makes in a way that is known beforehand. */
async function download(): Promise<void> {
  const at = { ...target(`${options.downloadPath}?ms=${options.transfer}`, 'GET'), agent: new Agent({ ca }) }
  const wanted = createHash('sha256').update('slow\n'.repeat(1000).repeat(pieces)).digest('hex')
  if ((await exchange(at, null, options.transfer + deadline)) !== wanted) throw new Error('another download came')
}

async function again(name: string, transfer: () => Promise<void>): Promise<void> {
  while (!isOver()) {
    try {
      await transfer()
      counts.transfers++
    } catch (error) {
      lose(`${name} ${reasonOf(error)}`)
    }
  }
}

await Promise.all([steadily(), again('upload', upload), again('download', download)])
const result: LoadResult = { ...counts, lost: Object.fromEntries(lost) }
process.stdout.write(`${JSON.stringify(result)}\n`)
process.exit(0)
