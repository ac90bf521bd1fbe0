import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The cgroups of one sandbox, one a hierarchy of the machine. */
export interface Cgroups {
  readonly version: 1 | 2
  /** Folders of the cgroups, below this process's own: its limits hold for the sandbox, too. */
  readonly folders: readonly string[]
  /** What `sandbox/init.sh` mounts: `NAME=OPTIONS` for each hierarchy of version 1, or `unified`. */
  readonly mounts: readonly string[]
}

interface Mount {
  readonly root: string
  readonly path: string
  readonly type: string
  readonly options: readonly string[]
}

/** A line of mountinfo (proc(5)): `ID PARENT DEVICE ROOT PATH OPTIONS [FIELD…] - TYPE SOURCE SUPER_OPTIONS`. */
function parseMount(line: string): Mount {
  const [before = '', after = ''] = line.split(' - ')
  const [, , , root = '', path = ''] = before.split(' ')
  const [type = '', , options = ''] = after.split(' ')
  return { root, path, type, options: options.split(',') }
}

interface Membership {
  /** `cpu`, `cpu,cpuacct`, `name=systemd`; empty = version 2. */
  readonly controllers: string
  readonly path: string
}

function parseMembership(line: string): Membership {
  const [, controllers = '', ...path] = line.split(':')
  return { controllers, path: path.join(':') }
}

/** Where a mount shows this path of its hierarchy; a path above what is mounted counts as the mount itself. */
function folderIn({ root, path: mountPoint }: Mount, path: string): string {
  const below = root === '/' ? path : path.startsWith(`${root}/`) ? path.slice(root.length) : '/'
  return join(mountPoint, below.startsWith('/..') ? '/' : below)
}

const linesOf = async (file: string): Promise<readonly string[]> =>
  (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '')

/** A child of a cpuset may run nowhere until it is told where. */
async function copyCpuset(parent: string, child: string): Promise<void> {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    await writeFile(join(child, file), await readFile(join(parent, file), 'utf8'))
  }
}

async function createSeparate(name: string, mounts: readonly Mount[], own: readonly Membership[]): Promise<Cgroups> {
  const hierarchies = own.flatMap(({ controllers, path }) => {
    const wanted = controllers.split(',')
    const mount = mounts.find(({ type, options }) => type === 'cgroup' && wanted.every((one) => options.includes(one)))
    return mount === undefined ? [] : [{ controllers, parent: folderIn(mount, path) }]
  })
  const folders: string[] = []
  for (const { controllers, parent } of hierarchies) {
    const folder = join(parent, name)
    await mkdir(folder)
    folders.push(folder)
    if (controllers.split(',').includes('cpuset')) await copyCpuset(parent, folder)
  }
  return {
    version: 1,
    folders,
    mounts: hierarchies.map(({ controllers }) =>
      controllers.startsWith('name=') ? `${controllers.slice(5)}=none,${controllers}` : `${controllers}=${controllers}`,
    ),
  }
}

const delegated = '+cpu +cpuset +io +memory +pids'

/** The nearest cgroup from this process's own upwards that can pass its controllers on: one without processes. */
async function delegatingParent(mount: Mount, own: string): Promise<string> {
  for (const folder of new Set([folderIn(mount, own), mount.path])) {
    const failure = await writeFile(join(folder, 'cgroup.subtree_control'), delegated).then(
      () => null,
      (error: unknown) => error,
    )
    if (failure === null) return folder
  }
  throw new Error(`no cgroup v2 at or above ${own} passes its controllers on: move the processes in it to a child`)
}

async function createUnified(name: string, mount: Mount, own: string): Promise<Cgroups> {
  const folder = join(await delegatingParent(mount, own), name)
  await mkdir(folder)
  return { version: 2, folders: [folder], mounts: ['unified'] }
}

/**
 * Makes cgroups of this name: of version 1 when a hierarchy of it is mounted, else of version 2.
 *
 * @throws when neither is mounted, or they cannot be made
 */
export async function createCgroups(name: string): Promise<Cgroups> {
  const mounts = (await linesOf('/proc/self/mountinfo')).map(parseMount)
  const own = (await linesOf('/proc/self/cgroup')).map(parseMembership)
  const separate = own.filter(({ controllers }) => controllers !== '')
  if (mounts.some(({ type, options }) => type === 'cgroup' && options.includes('memory'))) {
    return await createSeparate(name, mounts, separate)
  }
  const unified = mounts.find(({ type }) => type === 'cgroup2')
  const path = own.find(({ controllers }) => controllers === '')?.path
  if (unified === undefined || path === undefined) throw new Error('no cgroup hierarchy is mounted')
  return await createUnified(name, unified, path)
}

/**
 * Leaves the sandbox's own cgroup to its children, as version 2 wants before one passes controllers on.
 *
 * @returns the cgroups that programs of the sandbox start in
 */
export async function settleCgroups(
  { version, folders }: Cgroups,
  pids: readonly number[],
): Promise<readonly string[]> {
  const [folder] = folders
  if (version === 1 || folder === undefined) return folders
  const leaf = join(folder, 'system')
  await mkdir(leaf)
  for (const pid of pids) await writeFile(join(leaf, 'cgroup.procs'), String(pid))
  await writeFile(join(folder, 'cgroup.subtree_control'), delegated)
  return [leaf]
}
