import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodeBase, nodePath, user, type Base } from './base.ts'
import { bundle, programs, type Bundle } from './bundle.ts'
import { allocator, newSpace } from './memory.ts'
import { makeLayer, textFile, writeOciArchive, type ImageConfig, type WrittenImage } from './oci.ts'

/** Which commit an image is made of. */
interface Source {
  /** Of package.json. */
  readonly version: string
  /** Commit, with `-dirty` when files differ from it; null = this is no clone. */
  readonly revision: string | null
  /** ISO 8601: SOURCE_DATE_EPOCH, else the time of the commit, else the epoch. */
  readonly created: string
}

const titles = { controller: 'Gatehouse controller', dataplane: 'Gatehouse data plane' } as const

function git(root: string, ...args: string[]): string | null {
  const { status, stdout } = spawnSync('git', ['-C', root, ...args], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : null
}

function sourceOf(root: string): Source {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const commit = git(root, 'rev-parse', 'HEAD')
  const dirty = git(root, 'status', '--porcelain') !== ''
  const seconds = Number(process.env['SOURCE_DATE_EPOCH'] ?? git(root, 'log', '-1', '--format=%ct') ?? 0)
  return {
    version,
    revision: commit !== null && dirty ? `${commit}-dirty` : commit,
    created: new Date(seconds * 1000).toISOString(),
  }
}

function configOf({ program }: Bundle, base: Base, { version, revision, created }: Source): ImageConfig {
  return {
    Entrypoint: [nodePath, newSpace, '/app/main.mjs'],
    Env: ['PATH=/usr/local/bin', `MALLOC_ARENA_MAX=${allocator.MALLOC_ARENA_MAX}`],
    User: `${user}:${user}`,
    WorkingDir: '/',
    StopSignal: 'SIGTERM',
    Labels: {
      'org.opencontainers.image.title': titles[program],
      'org.opencontainers.image.version': version,
      ...(revision === null ? {} : { 'org.opencontainers.image.revision': revision }),
      'org.opencontainers.image.created': created,
      'org.opencontainers.image.licenses': 'Apache-2.0',
      'org.opencontainers.image.base.name': 'scratch',
      'dev.gatehouse.image.node': base.node,
      'dev.gatehouse.image.libraries': base.libraries,
    },
  }
}

/**
 * Writes `gatehouse-controller.tar` and `gatehouse-dataplane.tar`. The lower layer, Node, is the same in both; the upper
 * one is the bundle under `/app`.
 *
 * @param root - the clone, with node_modules
 * @param target - folder of the archives
 */
export async function buildImages(root: string, target: string): Promise<WrittenImage[]> {
  const base = nodeBase(root)
  const source = sourceOf(root)
  const bundles = await Promise.all(programs.map((program) => bundle(root, program)))
  return bundles.map((made) =>
    writeOciArchive(join(target, `gatehouse-${made.program}.tar`), {
      name: `gatehouse.local/${made.program}:${source.version}`,
      config: configOf(made, base, source),
      layers: [base.layer, makeLayer([...made.files].map(([name, text]) => textFile(`app/${name}`, text)))],
      created: source.created,
    }),
  )
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..', '..')
  for (const { name, digest, size } of await buildImages(root, join(root, 'dist', 'images')))
    process.stdout.write(`${name} ${digest} ${(size / 2 ** 20).toFixed(1)} MiB\n`)
}
