import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { tar, type TarEntry } from './tar.ts'

/**
 * Container images as OCI image layouts in one tar file (image-spec v1.1): what `ctr images import`,
 * `kind load image-archive` and `podman load` take. Made here, without a registry, a daemon or another program.
 *
 *     writeOciArchive('pause.tar', {
 *       name: 'localhost/pause:1',
 *       config: { Entrypoint: ['/pause'], User: '65535:65535' },
 *       layers: [makeLayer([fileFrom('build/pause', 'pause', 0o755)])],
 *     })
 *
 * Equal content gives equal bytes on every machine. Layers are not compressed, because what a deflater writes depends
 * on its version and on the processor; a registry client compresses them when it pushes.
 */

/** What a container is started with: `config` of the image-spec, in its own spelling. */
export interface ImageConfig {
  readonly Entrypoint: readonly string[]
  readonly Cmd?: readonly string[]
  /** `NAME=value`. */
  readonly Env?: readonly string[]
  /** `uid:gid`. */
  readonly User?: string
  readonly WorkingDir?: string
  readonly StopSignal?: string
  readonly Labels?: Readonly<Record<string, string>>
}

/** One layer, held in memory. The same object may stand in several images. */
export interface Layer {
  readonly tar: Buffer
  /** `sha256:…` of the tar, which is both its digest and its diffID. */
  readonly digest: string
}

/** As Go names processors. */
export type Architecture = 'amd64' | 'arm64'

export interface Image {
  /** `host/path:tag`, under which the archive is loaded. */
  readonly name: string
  readonly config: ImageConfig
  /** From the lowest up. */
  readonly layers: readonly Layer[]
  /** Absent = that of the Node which runs this. */
  readonly architecture?: Architecture
  /** ISO 8601; absent = the image does not say when it was made. */
  readonly created?: string
}

export interface WrittenImage {
  readonly name: string
  /** `sha256:…` of the manifest. */
  readonly digest: string
  /** Bytes of all layers. */
  readonly size: number
}

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

const mediaType = (name: string): string => `application/vnd.oci.image.${name}`
const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

/** A layer of these entries; see `tar` for what is put in and refused. */
export function makeLayer(entries: readonly TarEntry[]): Layer {
  const bytes = tar(entries)
  return { tar: bytes, digest: digestOf(bytes) }
}

/** A file of this machine as an entry. @param mode - permissions; those of the source do not count */
export function fileFrom(source: string, path: string, mode = 0o644): TarEntry {
  return { kind: 'file', path, mode, content: readFileSync(source) }
}

/** A short file as an entry. */
export function textFile(path: string, text: string): TarEntry {
  return { kind: 'file', path, content: Buffer.from(text) }
}

/** The architecture of the Node which runs this. @throws Error for one that images are not made for */
export function hostArchitecture(): Architecture {
  if (process.arch === 'x64') return 'amd64'
  if (process.arch === 'arm64') return 'arm64'
  throw new Error(`no image is made for ${process.arch}: use x64 or arm64`)
}

/**
 * Writes the archive under another name and renames it, so that nobody ever loads half a file; folders are made.
 *
 * @throws Error when the name has no tag
 */
export function writeOciArchive(file: string, image: Image): WrittenImage {
  const tag = /:([\w][\w.-]{0,127})$/.exec(image.name)?.[1]
  if (tag === undefined) throw new Error(`${image.name} is no image name with a tag`)
  const platform = { architecture: image.architecture ?? hostArchitecture(), os: 'linux' }
  const config = json(configOf(image, platform))
  const manifest = json(manifestOf(config, image.layers))
  const described = {
    ...descriptor(mediaType('manifest.v1+json'), manifest),
    platform,
    annotations: { 'io.containerd.image.name': image.name, 'org.opencontainers.image.ref.name': tag },
  }
  const index = { schemaVersion: 2, mediaType: mediaType('index.v1+json'), manifests: [described] }
  const blobs = new Map([config, manifest, ...image.layers.map((layer) => layer.tar)].map((b) => [digestOf(b), b]))
  const bytes = tar([
    textFile('oci-layout', '{"imageLayoutVersion":"1.0.0"}'),
    { kind: 'file', path: 'index.json', content: json(index) },
    ...[...blobs].map(([digest, content]): TarEntry => ({ kind: 'file', path: blobPath(digest), content })),
  ])
  mkdirSync(dirname(file), { recursive: true })
  const unfinished = `${file}.${process.pid}`
  writeFileSync(unfinished, bytes)
  renameSync(unfinished, file)
  return {
    name: image.name,
    digest: described.digest,
    size: image.layers.reduce((sum, layer) => sum + layer.tar.length, 0),
  }
}

const blobPath = (digest: string): string => `blobs/${digest.replace(':', '/')}`

const descriptor = (type: string, bytes: Buffer): Descriptor => ({
  mediaType: type,
  digest: digestOf(bytes),
  size: bytes.length,
})

const configOf = (image: Image, platform: object): object => ({
  ...(image.created === undefined ? {} : { created: image.created }),
  ...platform,
  config: image.config,
  rootfs: { type: 'layers', diff_ids: image.layers.map((layer) => layer.digest) },
})

const manifestOf = (config: Buffer, layers: readonly Layer[]): object => ({
  schemaVersion: 2,
  mediaType: mediaType('manifest.v1+json'),
  config: descriptor(mediaType('config.v1+json'), config),
  layers: layers.map(({ tar: bytes, digest }) => ({
    mediaType: mediaType('layer.v1.tar'),
    digest,
    size: bytes.length,
  })),
})
