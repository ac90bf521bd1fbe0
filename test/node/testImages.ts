import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildImages } from '../../scripts/images/images.ts'
import { writeRedisImage } from './redisImage.ts'

const root = join(import.meta.dirname, '..', '..')

/** Makes the images, and one of this machine's Redis, into a folder of their own. @returns the archives, and what removes them */
export async function testImages(): Promise<{ readonly archives: readonly string[]; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-images-'))
  await buildImages(root, folder)
  const archives = ['controller', 'dataplane'].map((program) => join(folder, `gatehouse-${program}.tar`))
  archives.push(writeRedisImage(folder))
  return { archives, remove: () => rm(folder, { recursive: true, force: true }) }
}
