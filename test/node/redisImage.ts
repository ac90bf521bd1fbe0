import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { librariesOf } from '../../scripts/images/base.ts'
import { fileFrom, makeLayer, writeOciArchive } from '../../scripts/images/oci.ts'

/** As the chart's `redis.image` names it. */
export const redisImage = { repository: 'localhost/redis', tag: '1' }

/**
 * Writes an archive with the Redis of this machine, the libraries that it is linked with, and nothing else.
 *
 * @returns its path
 * @throws Error when Debian's Redis is not installed
 */
export function writeRedisImage(folder: string): string {
  const programs = (process.env['PATH'] ?? '').split(delimiter).map((place) => join(place, 'redis-server'))
  const server = programs.find((path) => existsSync(path))
  if (server === undefined) throw new Error("there is no redis-server: install Debian's redis-server")
  const file = join(folder, 'redis.tar')
  const libraries = librariesOf(server).map((path) => fileFrom(path, path.slice(1), 0o755))
  writeOciArchive(file, {
    name: `${redisImage.repository}:${redisImage.tag}`,
    config: { Entrypoint: ['/usr/bin/redis-server'], Env: ['PATH=/usr/bin'] },
    layers: [makeLayer([fileFrom(server, 'usr/bin/redis-server', 0o755), ...libraries])],
  })
  return file
}
