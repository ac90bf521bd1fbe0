import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { generationIn, readMounted } from './mountedFolder.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-mounted-'))
})
afterEach(() => rm(folder, { recursive: true }))

const names = ['ca.crt', 'tls.crt', 'tls.key']

/** What the kubelet does: a new folder, one rename, and the folder before is removed. */
async function mount(generation: number): Promise<void> {
  const name = `..generation-${generation}`
  await mkdir(join(folder, name))
  for (const file of names) await writeFile(join(folder, name, file), String(generation))
  await symlink(name, join(folder, '..data_tmp'))
  await rename(join(folder, '..data_tmp'), join(folder, '..data'))
  await rm(join(folder, `..generation-${generation - 1}`), { recursive: true, force: true })
}

describe('readMounted', () => {
  it('reads a plain folder', async () => {
    for (const file of names) await writeFile(join(folder, file), file)
    expect(await readMounted(folder, names)).toEqual(names)
    await expect(readMounted(folder, ['other'])).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('never mixes two generations of a mounted Secret', async () => {
    await mount(0)
    for (const file of names) await symlink(join('..data', file), join(folder, file))
    let mounted = 0
    const writing = (async () => {
      while (mounted < 200) await mount(++mounted)
    })()
    const seen = new Set<string>()
    while (mounted < 200) {
      const texts = new Set(await readMounted(folder, names))
      expect([...texts]).toHaveLength(1)
      for (const text of texts) seen.add(text)
    }
    await writing
    expect(seen.size).toBeGreaterThan(2)
  })

  it('reads the next generation when the one it began with is removed', async () => {
    await mount(0)
    const found: (string | null)[] = []
    const texts = await readMounted(folder, names, async (path) => {
      const generation = await generationIn(path)
      if (found.push(generation) === 1) await mount(1)
      return generation
    })
    expect(texts).toEqual(['1', '1', '1'])
    expect(found).toHaveLength(2)
  })

  it('says which file is missing when it stays so', async () => {
    await mount(0)
    await expect(readMounted(folder, ['tls.crt', 'other'])).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
