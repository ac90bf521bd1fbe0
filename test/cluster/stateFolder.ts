import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const prefix = 'gatehouse-cluster-'

/** Memory where the machine has it: etcd syncs often, and nothing of a test has to survive. */
const stateRoot = (): string => (existsSync('/dev/shm') ? '/dev/shm' : tmpdir())

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // A process of somebody else is one, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Removes what killed runs left behind: a folder's name says whose it is. */
async function removeAbandoned(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const owner = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1]
    if (owner !== undefined && !isAlive(Number(owner))) await rm(join(root, name), { recursive: true, force: true })
  }
}

/** A new folder of this run for everything that a cluster under test keeps. */
export async function createStateFolder(): Promise<string> {
  const root = stateRoot()
  await removeAbandoned(root)
  return await mkdtemp(join(root, `${prefix}${process.pid}-`))
}
