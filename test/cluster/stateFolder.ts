import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const prefix = 'gatehouse-cluster-'

/** What names of state folders look like to find(1); whatever else a cluster makes on the machine is called the same. */
export const stateFolderPattern = `${prefix}*`

/** Memory where the machine has it: etcd syncs often, and nothing of a test has to survive. */
const stateRoot = (): string => (existsSync('/dev/shm') ? '/dev/shm' : tmpdir())

/** Where the folder of this name is. */
export const stateFolder = (name: string): string => join(stateRoot(), name)

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // A process of somebody else is one, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Whether this is the name of something whose run is gone: a name says whose it is. */
export function isAbandoned(name: string): boolean {
  const owner = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1]
  return owner !== undefined && !isAlive(Number(owner))
}

/** Removes what killed runs left behind. */
async function removeAbandoned(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (isAbandoned(name)) await rm(join(root, name), { recursive: true, force: true })
  }
}

/** A new folder of this run for everything that a cluster under test keeps. */
export async function createStateFolder(): Promise<string> {
  const root = stateRoot()
  await removeAbandoned(root)
  return await mkdtemp(join(root, `${prefix}${process.pid}-`))
}
