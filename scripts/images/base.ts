import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileFrom, makeLayer, textFile, type Layer } from './oci.ts'
import type { TarEntry } from './tar.ts'

/** The user that everything in the images runs as. */
export const user = 65_532
/** Where Node is in the images. */
export const nodePath = '/usr/local/bin/node'

/** What both images stand on: Node and the libraries that it is linked with. */
export interface Base {
  readonly layer: Layer
  /** Version of Node, `24.21.0`. */
  readonly node: string
  /** Where the libraries are from: `libc6 2.36-9, libgcc-s1 …`, or the version of the C library alone. */
  readonly libraries: string
}

const run = (program: string, ...args: string[]): string => execFileSync(program, args, { encoding: 'utf8' })

/**
 * The base layer: the Node that package-lock.json names, the shared libraries that the loader of this machine finds for
 * it, and the files that name its user. No shell, no package manager, no certificates: Node brings its own roots.
 *
 * @param root - the clone, with node_modules
 * @throws Error when this machine's C library cannot be used
 */
export function nodeBase(root: string): Base {
  const folder = join(root, 'node_modules', `node-linux-${process.arch}`)
  const binary = join(folder, 'bin', 'node')
  const manifest = join(folder, 'package.json')
  if (!existsSync(binary)) throw new Error(`there is no ${binary}: images are made on Linux, x64 or arm64`)
  const libraries = librariesOf(binary)
  const packages = debianPackages(libraries)
  const layer = makeLayer([
    fileFrom(binary, nodePath.slice(1), 0o755),
    fileFrom(join(folder, 'LICENSE'), 'usr/share/doc/node/LICENSE'),
    ...libraries.map((path) => fileFrom(path, path.slice(1), 0o755)),
    textFile('etc/passwd', `gatehouse:x:${user}:${user}:Gatehouse:/nonexistent:/nonexistent\n`),
    textFile('etc/group', `gatehouse:x:${user}:\n`),
    textFile('etc/nsswitch.conf', 'hosts: files dns\n'),
    ...(packages.length > 0 ? origin(packages) : []),
  ])
  return {
    layer,
    node: (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version,
    libraries: packages.length > 0 ? packages.map(versionOf).join(', ') : cLibrary(),
  }
}

/** `glibc 2.36`. @throws Error below 2.34, which loads the parts that resolve names by name, so that ldd misses them */
function cLibrary(): string {
  const version = /^glibc (\d+)\.(\d+)/.exec(run('getconf', 'GNU_LIBC_VERSION').trim())
  if (version === null || Number(version[1]) * 1000 + Number(version[2]) < 2034)
    throw new Error('the images need glibc 2.34 or later on the machine that makes them')
  return version[0]
}

/**
 * Paths of the loader and of each library of a program, as the loader looks for them.
 *
 * @throws Error when one is missing, or this machine's C library cannot be used
 */
export function librariesOf(binary: string): string[] {
  cLibrary()
  const lines = run('ldd', binary)
  if (lines.includes('not found')) throw new Error(`a library of ${binary} is missing on this machine:\n${lines}`)
  return [...lines.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path!).sort()
}

/** The packages that own these files; none where the machine is not a Debian. */
function debianPackages(paths: readonly string[]): string[] {
  // Packages older than the merge of /lib and /usr/lib list their files under /lib.
  const names = paths.map((path) => realpathSync(path)).flatMap((path) => [path, path.replace(/^\/usr/, '')])
  const { stdout } = spawnSync('dpkg-query', ['--search', ...names], { encoding: 'utf8' })
  return [...new Set((stdout ?? '').split('\n').flatMap((line) => /^([^:]+):.* /.exec(line)?.[1] ?? []))].sort()
}

const versionOf = (name: string): string => `${name} ${run('dpkg-query', '--show', '--showformat=${Version}', name)}`

/** What a scanner reads to know the versions, in the form of the distroless images, and the licences. */
function origin(packages: readonly string[]): TarEntry[] {
  return [
    fileFrom('/etc/os-release', 'etc/os-release'),
    ...packages.flatMap((name) => {
      const licence = join('/usr/share/doc', name, 'copyright')
      return [
        textFile(`var/lib/dpkg/status.d/${name}`, run('dpkg-query', '--status', name)),
        ...(existsSync(licence) ? [fileFrom(licence, licence.slice(1))] : []),
      ]
    }),
  ]
}
