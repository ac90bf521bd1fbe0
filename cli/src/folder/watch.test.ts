import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readFolders, type Reading } from './reading.ts'
import { FolderWatch } from './watch.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gatehouse-watch-'))
})
afterEach(() => rm(root, { recursive: true }))

/**
 * Resolves with all readings up to the first for which the test holds. The watch takes no second look before all is done,
 * however slow the machine is.
 *
 * @param act - is given what resolves when the watch has seen a difference
 */
async function followed(
  until: (reading: Reading) => boolean,
  act: (seen: Promise<void>) => Promise<void>,
): Promise<readonly Reading[]> {
  const readings: Reading[] = []
  const known = await readFolders([root])
  const { promise, resolve } = Promise.withResolvers<void>()
  const [seen, acted] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const settle = (): Promise<void> => {
    seen.resolve()
    return acted.promise
  }
  const take = (reading: Reading): void => {
    readings.push(reading)
    if (until(reading)) resolve()
  }
  const watch = new FolderWatch([root], known, take, settle)
  try {
    await act(seen.promise)
    acted.resolve()
    await promise
  } finally {
    watch.close()
  }
  return readings
}

const textsOf = ({ texts }: Reading): readonly string[] => [...texts.values()]

describe('readFolders', () => {
  it('reads manifests in the order of their names, and nothing below', async () => {
    for (const name of ['b.yml', 'a.yaml', 'c.json', 'd.txt', '.e.yaml']) await writeFile(join(root, name), name)
    await mkdir(join(root, 'below'))
    await writeFile(join(root, 'below', 'f.yaml'), 'f')
    const reading = await readFolders([root])
    expect(textsOf(reading)).toEqual(['a.yaml', 'b.yml', 'c.json'])
    expect(reading.passedOver).toEqual([join(root, 'below')])
  })

  it('says what cannot be read', async () => {
    await writeFile(join(root, 'a.yaml'), 'a')
    await writeFile(join(root, 'b.yaml'), Buffer.from([0xff]))
    const { unreadable } = await readFolders([root, join(root, 'nothing'), join(root, 'a.yaml')])
    expect([...unreadable.values()]).toEqual([
      'is not text in UTF-8',
      'there is no such folder',
      'is not a folder; name the folder that holds it',
    ])
  })
})

describe('FolderWatch', () => {
  it('tells of a change once, when nobody writes any more', async () => {
    const path = join(root, 'a.yaml')
    await writeFile(path, 'old')
    const readings = await followed(
      (reading) => textsOf(reading).includes('new 20'),
      async (seen) => {
        for (let count = 1; count < 20; count++) await writeFile(path, `new ${count}`)
        await seen
        await writeFile(path, 'new 20')
      },
    )
    expect(readings.map(textsOf)).toEqual([['new 20']])
  })

  it('never sees a file that is replaced as gone', async () => {
    const path = join(root, 'a.yaml')
    await writeFile(path, 'old')
    const readings = await followed(
      (reading) => textsOf(reading).includes('new'),
      async (seen) => {
        // As editors do: the old file steps aside before the new one is there.
        await rename(path, join(root, 'a.yaml~'))
        await seen
        await writeFile(path, 'new')
      },
    )
    expect(readings.map(textsOf)).toEqual([['new']])
  })

  it('sees a folder that is replaced as a whole', async () => {
    await writeFile(join(root, 'a.yaml'), 'old')
    const next = `${root}-next`
    await mkdir(next)
    await writeFile(join(next, 'a.yaml'), 'new')
    await followed(
      (reading) => textsOf(reading).includes('new'),
      async () => {
        await rename(root, `${root}-before`)
        await rename(next, root)
      },
    )
    await rm(`${root}-before`, { recursive: true })
  })
})
