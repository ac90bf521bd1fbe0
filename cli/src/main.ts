import { CommandError, exitStatus, usageError } from './exit.ts'
import { plainText } from './plainText.ts'
import { processStreams, type Streams } from './streams.ts'

type Command = (args: readonly string[], streams: Streams) => Promise<number>

/** Loaded when asked for: a token needs nothing of the compiler. */
const commands: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['dev', async () => (await import('./dev/command.ts')).devCommand],
  ['check', async () => (await import('./check/command.ts')).checkCommand],
  ['explain', async () => (await import('./explain/command.ts')).explainCommand],
  ['test', async () => (await import('./test/command.ts')).testCommand],
  ['diff', async () => (await import('./diff/command.ts')).diffCommand],
  ['status', async () => (await import('./status/command.ts')).statusCommand],
  ['keys', async () => (await import('./keys/command.ts')).keysCommand],
  ['quota', async () => (await import('./quota/command.ts')).quotaCommand],
  ['token', async () => (await import('./token/command.ts')).tokenCommand],
])

const help = `gatehouse - a Kubernetes-native secure API gateway

Usage: gatehouse COMMAND [FLAGS]

  dev      serve a folder of YAML on this machine, with hot reload
  check    say what is wrong with a folder of YAML
  explain  say how a request would be decided, and why
  test     judge the requests of *.test.yaml, and compare with what they expect
  diff     say which requests two folders decide differently
  status   say which revision runs where, who is behind and who refused what
  keys     make, replace, withdraw and list API keys
  quota    say what a caller has left of shared quotas, and let it begin anew
  token    sign a token for trying out policies

gatehouse COMMAND --help says more, also of exit statuses; 64 is always a command line that is wrong.
`

async function run([name, ...args]: readonly string[], streams: Streams): Promise<number> {
  if (name === '--help' || name === '-h' || name === 'help') {
    streams.out(help)
    return exitStatus.ok
  }
  const load = name === undefined ? undefined : commands.get(name)
  if (load) return await (await load())(args, streams)
  const known = [...commands.keys()].join(', ')
  throw usageError(name === undefined ? `a command is needed: ${known}` : `"${name}" is no command; there are ${known}`)
}

try {
  process.exitCode = await run(process.argv.slice(2), processStreams)
} catch (error) {
  if (!(error instanceof CommandError)) throw error
  processStreams.err(`gatehouse: ${plainText(error.message)}\n`)
  process.exitCode = error.status
}
