import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundle, programs, type Bundle, type Program } from '../../scripts/images/bundle.ts'
import { buildImages } from '../../scripts/images/images.ts'
import type { WrittenImage } from '../../scripts/images/oci.ts'
import { root } from './copy.ts'
import { runInside, sha256, unpackImage, type UnpackedImage } from './unpackedImage.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-images-'))
const archive = (build: string, program: string): string => join(folder, build, `gatehouse-${program}.tar`)
const images = {} as Record<Program, UnpackedImage>
const bundles = {} as Record<Program, Bundle>
let written: readonly WrittenImage[] = []

beforeAll(async () => {
  written = await buildImages(root, join(folder, 'first'))
  for (const program of programs) {
    mkdirSync(join(folder, program))
    images[program] = unpackImage(archive('first', program), join(folder, program))
    bundles[program] = await bundle(root, program)
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const { version } = JSON.parse(read('package.json')) as { version: string }
const pinned = (JSON.parse(read('package.json')) as { optionalDependencies: Record<string, string> })
  .optionalDependencies[`node-linux-${process.arch}`]

interface Inode {
  readonly path: string
  readonly mode: number
  readonly owner: string
}

function everything(folderOf: string): Inode[] {
  return readdirSync(folderOf, { recursive: true, encoding: 'utf8' }).map((path) => {
    const { mode, uid, gid } = statSync(join(folderOf, path))
    return { path, mode, owner: `${uid}:${gid}` }
  })
}

it('makes the same bytes again', async () => {
  const again = await buildImages(root, join(folder, 'second'))
  expect(again).toEqual(written)
  for (const program of programs) expect(sha256(archive('second', program))).toBe(sha256(archive('first', program)))
})

it('puts both on the same base, and something else on it', () => {
  const [controller, dataplane] = [images.controller.layers, images.dataplane.layers]
  expect(controller).toHaveLength(2)
  expect(dataplane[0]).toBe(controller[0])
  expect(dataplane[1]).not.toBe(controller[1])
})

describe.each(programs)('the image of %s', (program) => {
  it('is named by its version, and holds blobs with the digests that name them', () => {
    const image = images[program]
    expect(image.name).toBe(`gatehouse.local/${program}:${version}`)
    expect(written.find(({ name }) => name === image.name)?.digest).toBe(image.digest)
    expect(image.blobs.size).toBe(4)
    for (const [name, digest] of image.blobs) expect(digest).toBe(name)
    expect(image.diffIds).toEqual(image.layers)
  })

  it('starts the bundle as a user that is not root, and says what it is', () => {
    const { Labels, ...config } = images[program].config
    expect(config).toEqual({
      Entrypoint: ['/usr/local/bin/node', '--max-semi-space-size=4', '/app/main.mjs'],
      Env: ['PATH=/usr/local/bin', 'MALLOC_ARENA_MAX=1'],
      User: '65532:65532',
      WorkingDir: '/',
      StopSignal: 'SIGTERM',
    })
    const label = (name: string): string => Labels![`org.opencontainers.image.${name}`]!
    expect(label('title')).toMatch(/^Gatehouse (controller|data plane)$/)
    expect(label('version')).toBe(version)
    expect(label('licenses')).toBe('Apache-2.0')
    expect(Labels!['dev.gatehouse.image.node']).toBe(pinned)
    expect(Labels!['dev.gatehouse.image.libraries']).toMatch(/^(libc6 \d|glibc 2\.)/)
  })

  it('has no program but Node and its libraries, and nothing that its user could change', () => {
    const inodes = everything(images[program].root)
    const folders = inodes.filter(({ path }) => statSync(join(images[program].root, path)).isDirectory())
    const files = inodes.filter((inode) => !folders.includes(inode))
    const executable = files.filter(({ mode }) => (mode & 0o111) !== 0).map(({ path }) => path)
    expect(executable.filter((path) => !/^lib\S*\/(lib[\w+]+|ld-linux-[\w-]+)\.so\.\d+$/.test(path))).toEqual([
      'usr/local/bin/node',
    ])
    expect(inodes.filter(({ mode }) => (mode & 0o7022) !== 0)).toEqual([])
    expect(inodes.filter(({ owner }) => owner !== '0:0')).toEqual([])
    expect(inodes.map(({ path }) => path).filter((path) => /(^|\/)(sh|bash|dash|busybox|apt|npm)$/.test(path))).toEqual(
      [],
    )
  })

  it('runs from a read-only root without privileges, and names the setting that is missing', () => {
    const { status, stdout, stderr } = runInside(images[program], images[program].config.Entrypoint)
    expect(stderr).toBe(
      `GATEHOUSE_INSTALLATION is missing or wrong; set it to namespace/name${program === 'controller' ? ' of the object' : ' of the Gatehouse object'}\n`,
    )
    expect(stdout).toBe('')
    expect(status).toBe(78)
  })

  it('has the Node that the lock file names, with roots of its own', () => {
    const script =
      'console.log(process.version, process.pid, process.getuid(), process.getgroups().join(), os.userInfo().username, tls.rootCertificates.length > 100)'
    const { stdout, stderr } = runInside(images[program], ['/usr/local/bin/node', '-e', script])
    expect(stderr).toBe('')
    expect(stdout).toBe(`v${pinned} 1 65532 65532 gatehouse true\n`)
  })

  it('carries the licence of everything that is inside', () => {
    const { packages } = bundles[program]
    const text = readFileSync(join(images[program].root, 'app', 'THIRD-PARTY-LICENSES.txt'), 'utf8')
    expect(packages).toContain('fastify@5.12.8')
    for (const name of packages) {
      const [, path, exact] = /^(.+)@(.+)$/.exec(name)!
      expect(text).toContain(`${path} ${exact} (`)
    }
    expect(readFileSync(join(images[program].root, 'app', 'LICENSE'), 'utf8')).toBe(read('LICENSE'))
  })
})

it('keeps every Kubernetes client out of the data plane', () => {
  expect(bundles.dataplane.packages.filter((name) => name.includes('kubernetes'))).toEqual([])
  expect(bundles.controller.packages).toContain('@kubernetes/client-node@2.0.1')
})

it('is what the Containerfile makes, too', () => {
  const text = read('Containerfile').replaceAll('\\\n', ' ')
  const stages = text.split(/^FROM /m).slice(1)
  expect(stages.map((stage) => stage.split('\n')[0])).toEqual([
    '${NODE_BUILD} AS build',
    '${NODE_BASE} AS controller',
    '${NODE_BASE} AS dataplane',
  ])
  expect(stages[0]).toContain('node scripts/images/bundle.ts')
  expect(text).not.toMatch(/^ARG NODE_\w+=/m)
  for (const [index, program] of programs.entries()) {
    const lines = stages[index + 1]!.split('\n').map((line) => line.trim().replaceAll(/ +/g, ' '))
    const { Entrypoint, Env = [], User, StopSignal } = images[program].config
    for (const own of Env.filter((one) => !one.startsWith('PATH='))) expect(lines).toContain(`ENV ${own}`)
    expect(lines).toContain(`COPY --from=build /gatehouse/dist/bundles/${program}/ /app/`)
    expect(lines).toContain(`COPY --from=build /gatehouse/dist/node ${Entrypoint[0]}`)
    expect(lines).toContain(`USER ${User}`)
    expect(lines).toContain(`STOPSIGNAL ${StopSignal}`)
    expect(lines).toContain(`ENTRYPOINT ${JSON.stringify(Entrypoint).replaceAll(',', ', ')}`)
  }
})
