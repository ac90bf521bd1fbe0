import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { seal, snapshotOf, type SignedRevision, type Snapshot } from '@gatehouse/contract'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Clock } from '../clock.ts'
import { LastGoodFolder, piecesOf, readLastGoodFiles, type LastGoodState } from './lastGoodFolder.ts'

let folder: string
const failures: unknown[] = []
const failed = (error: unknown): void => void failures.push(error)

/** A clock on which every look is so many milliseconds after the one before. */
const ticking = (tick: number): Clock => {
  let time = 0
  return { now: () => time, monotonic: () => (time += tick) }
}
const clock = ticking(0)

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-last-good-'))
  failures.length = 0
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const snapshotWith = (secrets: 'Keep' | 'Omit', key: string): Snapshot => {
  const lastGood = { secrets, maxAge: 0 }
  return snapshotOf([
    // Only what is read of it here.
    {
      ...seal({ kind: 'endpoints', name: 'x', spec: { addresses: [] } }),
      kind: 'installation',
      name: 'installation',
      spec: { lastGood },
    },
    seal({ kind: 'certificate', name: 'shop/tls', spec: { chain: '', privateKey: key } }),
  ])
}

const state = (sequence: number, secrets: 'Keep' | 'Omit' = 'Keep'): LastGoodState => {
  const snapshot = snapshotWith(secrets, `key-${sequence}`)
  const { revision } = snapshot
  const signed: SignedRevision = {
    ...{ installation: 'a/b', term: 1, sequence, revision },
    ...{ issuedAt: 1, signature: 'A'.repeat(86) },
  }
  return { snapshot, signed }
}

const kept = async (...states: readonly LastGoodState[]): Promise<void> => {
  const last = new LastGoodFolder(folder, failed, clock)
  for (const one of states) last.keep(one)
  await last.close()
}

describe('LastGoodFolder', () => {
  it('keeps the latest of what came while it wrote, for nobody else to read', async () => {
    await kept(state(1), state(2), state(3))
    const { configuration, secrets } = await readLastGoodFiles(folder, failed)
    expect(configuration).toContain('"sequence":3')
    expect(secrets).toContain('key-3')
    expect(await readdir(folder)).toEqual(['configuration.jsonl', 'secrets.jsonl'])
    for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
    expect(failures).toEqual([])
  })

  it('rests after a write that took long, and not when it is closed', async () => {
    const sequences: string[] = []
    const read = async (): Promise<void> => {
      const { configuration } = await readLastGoodFiles(folder, failed)
      sequences.push(/"sequence":(\d)/.exec(configuration ?? '')?.[1] ?? 'none')
    }
    const last = new LastGoodFolder(folder, failed, ticking(60_000))
    last.keep(state(1))
    await vi.waitFor(async () => expect(await readdir(folder)).toEqual(['configuration.jsonl', 'secrets.jsonl']))
    last.keep(state(2))
    for (let look = 0; look < 20; look++) await read()
    await last.close()
    await read()
    expect(sequences).toEqual([...Array.from({ length: 20 }, () => '1'), '2'])
  })

  it('writes again after it was idle', async () => {
    const last = new LastGoodFolder(folder, failed, clock)
    last.keep(state(1))
    await last.close()
    last.keep(state(2))
    await last.close()
    expect((await readLastGoodFiles(folder, failed)).secrets).toContain('key-2')
  })

  it('takes secrets away that must not be kept any more', async () => {
    await kept(state(1))
    await kept(state(2, 'Omit'))
    expect(await readdir(folder)).toEqual(['configuration.jsonl'])
    expect(await readFile(join(folder, 'configuration.jsonl'), 'utf8')).not.toContain('key-')
  })

  it('gets over what a killed process left', async () => {
    await writeFile(join(folder, 'configuration.jsonl.unfinished'), 'half')
    await kept(state(1))
    expect(await readdir(folder)).toEqual(['configuration.jsonl', 'secrets.jsonl'])
  })

  it('writes a large snapshot in small pieces', () => {
    const many = Array.from({ length: 5000 }, (_, index) =>
      seal({
        kind: 'endpoints',
        name: `shop/${index}:80`,
        spec: { addresses: [{ address: '10.0.0.1', port: 80, zones: [], draining: false }] },
      }),
    )
    const pieces = [...piecesOf({ ...state(1), snapshot: snapshotOf(many) }, 'configuration')]
    expect(pieces.length).toBeGreaterThan(10)
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(66_000)
    expect(pieces.join('').split('\n')).toHaveLength(many.length + 2)
  })

  it('reports a folder that is not there, and one that is a file', async () => {
    await rm(folder, { recursive: true })
    await kept(state(1))
    await writeFile(folder, '')
    await kept(state(1))
    expect(failures).toMatchObject([{ code: 'ENOENT' }, { code: 'ENOTDIR' }])
  })
})

describe('readLastGoodFiles', () => {
  it('finds nothing in an empty folder, nor without one', async () => {
    expect(await readLastGoodFiles(folder, failed)).toEqual({ configuration: null, secrets: null })
    expect(await readLastGoodFiles(join(folder, 'none'), failed)).toEqual({ configuration: null, secrets: null })
    expect(failures).toEqual([])
  })

  it('does not trust files that anybody can read or write, that are links, or that are none', async () => {
    await kept(state(1))
    await chmod(join(folder, 'secrets.jsonl'), 0o604)
    await chmod(join(folder, 'configuration.jsonl'), 0o602)
    expect(await readLastGoodFiles(folder, failed)).toEqual({ configuration: null, secrets: null })
    await rm(join(folder, 'secrets.jsonl'))
    await symlink('/etc/passwd', join(folder, 'secrets.jsonl'))
    await rm(join(folder, 'configuration.jsonl'))
    await mkdir(join(folder, 'configuration.jsonl'), { mode: 0o700 })
    expect(await readLastGoodFiles(folder, failed)).toEqual({ configuration: null, secrets: null })
    const wrong = { code: 'WRONG_PERMISSIONS' }
    expect(failures).toMatchObject([wrong, wrong, wrong, { code: 'ELOOP' }])
  })

  it('does not wait at a pipe for what nobody writes', async () => {
    for (const part of ['configuration', 'secrets']) {
      await promisify(execFile)('mkfifo', ['-m', '600', join(folder, `${part}.jsonl`)])
    }
    expect(await readLastGoodFiles(folder, failed)).toEqual({ configuration: null, secrets: null })
    expect(failures).toMatchObject([{ code: 'WRONG_PERMISSIONS' }, { code: 'WRONG_PERMISSIONS' }])
  })

  it('takes files that the group of the volume can read', async () => {
    await kept(state(1))
    await chmod(join(folder, 'secrets.jsonl'), 0o660)
    expect((await readLastGoodFiles(folder, failed)).secrets).toContain('key-1')
  })
})
