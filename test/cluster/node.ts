import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openNode, startNode, type ClusterNode, type NodeHandle } from './clusterNode.ts'

/**
 * A node to work with by hand.
 *
 *     node test/cluster/node.ts up [ARCHIVE…]     starts it, with these OCI images loaded
 *     node test/cluster/node.ts kubectl ARGUMENT…
 *     node test/cluster/node.ts helm ARGUMENT…
 *     node test/cluster/node.ts inside COMMAND…   runs a program where Services can be reached
 *     node test/cluster/node.ts load ARCHIVE…
 *     node test/cluster/node.ts down
 */

const usage = 'usage: node test/cluster/node.ts up|down|kubectl|helm|inside|load [ARGUMENT…]\n'
// The user's own Node may be one that does not run TypeScript.
const nextSteps = `in the root of the repository:
  export PATH="$PWD/node_modules/.bin:$PATH"
  node test/cluster/node.ts kubectl get pods -A
  make node-down
`
const folder = join(import.meta.dirname, '..', '..', '.gatehouse')
const stateFile = join(folder, 'node.json')
const logFile = join(folder, 'node.log')

/** Something that the user has to do first; the message says what. */
class NotYetError extends Error {}

interface State {
  /** The process that the node ends with. */
  readonly keeper: number
  readonly handle: NodeHandle
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** @returns null when no node is up */
function readState(): State | null {
  try {
    const state = JSON.parse(readFileSync(stateFile, 'utf8')) as State
    return isRunning(state.keeper) ? state : null
  } catch {
    return null
  }
}

function currentNode(): ClusterNode {
  const state = readState()
  if (state === null) throw new NotYetError('no node is up: make node-up')
  return openNode(state.handle)
}

/** Keeps a node until SIGTERM. */
async function keep(images: readonly string[]): Promise<void> {
  const node = await startNode({ images })
  writeFileSync(stateFile, JSON.stringify({ keeper: process.pid, handle: node.handle } satisfies State), {
    mode: 0o600,
  })
  process.send?.('ready')
  process.disconnect()
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  await node.close()
  rmSync(stateFile, { force: true })
  process.exit(0)
}

async function up(images: readonly string[]): Promise<void> {
  if (readState() !== null) throw new NotYetError('a node is up already: make node-down')
  mkdirSync(folder, { recursive: true })
  const log = openSync(logFile, 'w')
  const started = performance.now()
  const keeper = spawn(process.execPath, [import.meta.filename, 'keep', ...images], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  })
  const ready = await Promise.race([once(keeper, 'message').then(() => true), once(keeper, 'exit').then(() => false)])
  if (!ready) throw new Error(`the node did not start: ${readFileSync(logFile, 'utf8')}`)
  keeper.unref()
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  process.stdout.write(`ready in ${seconds} s; ${nextSteps}`)
}

async function down(): Promise<void> {
  const state = readState()
  if (state === null) return
  process.kill(state.keeper, 'SIGTERM')
  const deadline = performance.now() + 30_000
  while (isRunning(state.keeper)) {
    if (performance.now() > deadline) throw new Error(`process ${state.keeper} does not end: ${logFile}`)
    await new Promise((resolve) => void setTimeout(resolve, 50))
  }
}

/** Runs a program on the node with this process's own input and output, and ends as it does. */
async function passThrough(command: (node: ClusterNode) => readonly string[]): Promise<void> {
  const node = currentNode()
  const running = node.spawn(command(node), 'inherit')
  const [status] = (await once(running, 'exit')) as [number | null]
  process.exitCode = status ?? 1
}

function misused(): Promise<void> {
  process.stderr.write(usage)
  process.exitCode = 2
  return Promise.resolve()
}

async function load(archives: readonly string[]): Promise<void> {
  const node = currentNode()
  const missing = archives.filter((archive) => !existsSync(archive))
  if (missing.length > 0) throw new NotYetError(`there is no ${missing.join(', ')}; make images writes dist/images`)
  for (const archive of archives) {
    await node.importImage(archive)
    process.stdout.write(`loaded ${archive}\n`)
  }
}

const commands: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  up,
  keep,
  down,
  kubectl: (args) => passThrough((node) => [node.handle.binaries.kubectl, ...args]),
  helm: (args) => passThrough((node) => [node.handle.binaries.helm, ...args]),
  inside: (args) => (args.length === 0 ? misused() : passThrough(() => args)),
  load: (args) => (args.length === 0 ? misused() : load(args)),
}

const [name = '', ...args] = process.argv.slice(2)
try {
  await (Object.hasOwn(commands, name) ? commands[name]!(args) : misused())
} catch (error) {
  if (!(error instanceof NotYetError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
