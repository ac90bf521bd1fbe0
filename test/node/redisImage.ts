import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { librariesOf } from '../../scripts/images/base.ts'
import { fileFrom, makeLayer, writeOciArchive } from '../../scripts/images/oci.ts'

/** As the chart's `redis.image` names it. */
export const redisImage = { repository: 'localhost/redis', tag: '1' }

/** Where Debian's package has it. */
const server = '/usr/bin/redis-server'

/**
 * Writes an archive with the Redis of this machine, the libraries that it is linked with, and nothing else.
 *
 * @returns its path
 * @throws Error when Debian's redis-server is not installed
 */
export function writeRedisImage(folder: string): string {
  if (!existsSync(server)) throw new Error(`there is no ${server}: install Debian's redis-server`)
  const file = join(folder, 'redis.tar')
  writeOciArchive(file, {
    name: `${redisImage.repository}:${redisImage.tag}`,
    config: { Entrypoint: [server], Env: ['PATH=/usr/bin'] },
    layers: [makeLayer([server, ...librariesOf(server)].map((path) => fileFrom(path, path.slice(1), 0o755)))],
  })
  return file
}
