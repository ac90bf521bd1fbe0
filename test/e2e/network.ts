import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The address that backends and the push server listen on; see namespace.sh. */
export const hostAddress = '10.246.0.1'

/** @throws when this process does not run in the namespace that namespace.sh makes */
export function assertNamespace(): void {
  // Node's own list leaves out an interface until it has a carrier.
  const found = /^ *gh0:/m.test(readFileSync('/proc/self/net/dev', 'utf8'))
  if (!found) throw new Error('the e2e layer runs in a network namespace of its own: use make test-e2e')
}

/** The address of the data plane with this number, from 0. */
export const dataplaneAddress = (number: number): string => `10.246.0.${11 + number}`

// It waits for its end of the cable before it becomes the program, so that the program finds its address.
const script = `
  echo ready
  read _
  ip link set lo up
  ip addr add "$1/24" dev eth0
  ip link set eth0 up
  shift
  exec "$@"`

/**
 * Starts a program in a network namespace of its own with one address on the bridge, as a Pod has. The process's id is
 * the program's.
 */
export async function startInNamespace(
  number: number,
  command: readonly [string, ...string[]],
  environment: { readonly [name: string]: string | undefined },
): Promise<ChildProcess> {
  const child = spawn('unshare', ['--net', '--', 'sh', '-euc', script, 'sh', dataplaneAddress(number), ...command], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: environment,
  })
  await once(child.stdout, 'data')
  const cable = `gh-dp${number}`
  await run('ip', ['link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(child.pid)])
  await run('ip', ['link', 'set', cable, 'master', 'gh0', 'up'])
  child.stdin.write('go\n')
  return child
}
