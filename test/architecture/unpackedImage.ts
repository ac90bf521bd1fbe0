import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ImageConfig } from '../../scripts/images/oci.ts'

/** An image as somebody sees it who did not make it: read with tar from the archive. */
export interface UnpackedImage {
  /** `name`, by which it is loaded. */
  readonly name: string
  /** Digest of the manifest. */
  readonly digest: string
  /** Digests of the layers, from the lowest up. */
  readonly layers: readonly string[]
  readonly diffIds: readonly string[]
  readonly config: ImageConfig
  /** Digests of the content of all blobs, by the names of their files. */
  readonly blobs: ReadonlyMap<string, string>
  /** The layers laid over each other. */
  readonly root: string
}

interface Described {
  readonly digest: string
  readonly annotations?: Readonly<Record<string, string>>
}

interface Manifest {
  readonly config: Described
  readonly layers: readonly Described[]
}

interface Config {
  readonly config: ImageConfig
  readonly rootfs: { readonly diff_ids: readonly string[] }
}

/** @param folder - an empty folder, which is filled */
export function unpackImage(archive: string, folder: string): UnpackedImage {
  execFileSync('tar', ['-xf', archive, '-C', folder])
  const file = (digest: string): string => join(folder, 'blobs', ...digest.split(':'))
  const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))
  const [described] = (json(join(folder, 'index.json')) as { manifests: Described[] }).manifests
  const manifest = json(file(described!.digest)) as Manifest
  const config = json(file(manifest.config.digest)) as Config
  const root = join(folder, 'root')
  mkdirSync(root)
  const layers = manifest.layers.map(({ digest }) => digest)
  for (const layer of layers) execFileSync('tar', ['-xpf', file(layer), '-C', root])
  const blobs = join(folder, 'blobs', 'sha256')
  return {
    name: described!.annotations!['io.containerd.image.name']!,
    digest: described!.digest,
    layers,
    diffIds: config.rootfs.diff_ids,
    config: config.config,
    blobs: new Map(readdirSync(blobs).map((name) => [name, sha256(join(blobs, name))])),
    root,
  }
}

export const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex')

export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs a program inside the image: its root, read-only, is all that it sees, it is process 1, and it has the image's
 * user and environment. Needs root.
 */
export function runInside({ root, config }: UnpackedImage, command: readonly string[]): Ended {
  const chroot = execFileSync('sh', ['-c', 'command -v chroot'], { encoding: 'utf8' }).trim()
  const enter = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec env -i "$@"'
  const inside = [...config.Env!, chroot, `--userspec=${config.User}`, root, ...command]
  const args = ['--mount', '--pid', '--fork', 'sh', '-c', enter, root, ...inside]
  const { status, stdout, stderr, error } = spawnSync('unshare', args, { encoding: 'utf8' })
  if (error !== undefined) throw error
  return { status, stdout, stderr }
}
