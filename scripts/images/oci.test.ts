import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileFrom, makeLayer, textFile, writeOciArchive } from './oci.ts'

let folder = ''
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gatehouse-oci-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** What GNU tar makes of an archive: not the program that wrote it. */
const list = (file: string): string[] =>
  execFileSync('tar', ['--numeric-owner', '--utc', '-tvf', file], { encoding: 'utf8' }).trim().split('\n')

const asText = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'))

describe('a layer', () => {
  it('is sorted, has the folders that it needs, and neither owners nor times', () => {
    const file = join(folder, 'layer.tar')
    const layer = makeLayer([
      { kind: 'link', path: 'lib64/ld.so', target: '/lib/ld.so' },
      { kind: 'file', path: 'bin/run', content: Buffer.from('#!'), mode: 0o755 },
      textFile('etc/passwd', 'x'.repeat(512)),
      { kind: 'folder', path: 'tmp', mode: 0o1777 },
    ])
    writeFileSync(file, layer.tar)
    expect(list(file).map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
      'drwxr-xr-x 0/0 0 1970-01-01 00:00 bin/',
      '-rwxr-xr-x 0/0 2 1970-01-01 00:00 bin/run',
      'drwxr-xr-x 0/0 0 1970-01-01 00:00 etc/',
      '-rw-r--r-- 0/0 512 1970-01-01 00:00 etc/passwd',
      'drwxr-xr-x 0/0 0 1970-01-01 00:00 lib64/',
      'lrwxrwxrwx 0/0 0 1970-01-01 00:00 lib64/ld.so -> /lib/ld.so',
      'drwxrwxrwt 0/0 0 1970-01-01 00:00 tmp/',
    ])
  })

  it('does not depend on the order of its entries', () => {
    const entries = [textFile('b', '1'), textFile('a/c', '2')]
    expect(makeLayer(entries).digest).toBe(makeLayer(entries.toReversed()).digest)
  })

  it('holds long paths and refuses longer ones', () => {
    const path = `${'d'.repeat(90)}/${'f'.repeat(90)}`
    const file = join(folder, 'long.tar')
    writeFileSync(file, makeLayer([textFile(path, 'x')]).tar)
    execFileSync('tar', ['-xf', file, '-C', folder])
    expect(readFileSync(join(folder, path), 'utf8')).toBe('x')
    expect(() => makeLayer([textFile('f'.repeat(101), 'x')])).toThrow('too long')
    expect(() => makeLayer([textFile(`${'d'.repeat(156)}/f`, 'x')])).toThrow('too long')
    expect(() => makeLayer([{ kind: 'link', path: 'l', target: 't'.repeat(101) }])).toThrow('too long')
  })

  it.each(['/etc/passwd', '../passwd', 'etc//passwd', './etc', ''])('refuses the path "%s"', (path) => {
    expect(() => makeLayer([textFile(path, 'x')])).toThrow('not a plain path')
  })

  it('refuses two entries of one path', () => {
    expect(() => makeLayer([textFile('a', '1'), textFile('a', '2')])).toThrow('two entries of the archive are called a')
  })
})

describe('an archive', () => {
  const write = (name: string) => {
    writeFileSync(join(folder, 'program'), 'run me')
    const layers = [makeLayer([textFile('etc/group', 'g')]), makeLayer([fileFrom(join(folder, 'program'), 'p', 0o755)])]
    const config = { Entrypoint: ['/p'], User: '65532:65532' }
    return writeOciArchive(join(folder, 'out', 'image.tar'), { name, config, layers, architecture: 'arm64' })
  }

  it('is an image layout whose every blob has the digest that names it', () => {
    const written = write('localhost/thing:1.2')
    execFileSync('tar', ['-xf', join(folder, 'out', 'image.tar'), '-C', folder])
    expect(asText(join(folder, 'oci-layout'))).toEqual({ imageLayoutVersion: '1.0.0' })
    const blobs = join(folder, 'blobs', 'sha256')
    const names = readdirSync(blobs)
    expect(names).toHaveLength(4)
    for (const name of names) {
      expect(
        createHash('sha256')
          .update(readFileSync(join(blobs, name)))
          .digest('hex'),
      ).toBe(name)
    }
    const index = asText(join(folder, 'index.json')) as { manifests: { digest: string; annotations: object }[] }
    expect(index.manifests).toHaveLength(1)
    expect(index.manifests[0]).toMatchObject({
      digest: written.digest,
      platform: { os: 'linux', architecture: 'arm64' },
      annotations: { 'io.containerd.image.name': 'localhost/thing:1.2', 'org.opencontainers.image.ref.name': '1.2' },
    })
    const blob = (digest: string) => asText(join(blobs, digest.slice(7)))
    const manifest = blob(written.digest) as { config: { digest: string }; layers: { digest: string }[] }
    expect(blob(manifest.config.digest)).toEqual({
      architecture: 'arm64',
      os: 'linux',
      config: { Entrypoint: ['/p'], User: '65532:65532' },
      rootfs: { type: 'layers', diff_ids: manifest.layers.map(({ digest }) => digest) },
    })
  })

  it('leaves no unfinished file beside it', () => {
    write('localhost/thing:1')
    expect(readdirSync(join(folder, 'out'))).toEqual(['image.tar'])
  })

  it('refuses a name without a tag', () => {
    expect(() => write('localhost:5000/thing')).toThrow('no image name with a tag')
  })
})
