import { join } from 'node:path'
import { fileFrom, makeLayer, writeOciArchive } from '../../scripts/images/oci.ts'
import { pauseImage } from './nodeConfiguration.ts'

/** A backend that answers with what it got, on port 8080; also `echo get URL` and `echo read FILE` for looking around. */
export const echoImage = 'localhost/echo:1'

const users = { pause: '65535:65535', coredns: '65532:65532', echo: '65532:65532' } as const
const names = { pause: pauseImage, coredns: 'localhost/coredns:1', echo: echoImage } as const

/**
 * Writes an archive for each image that a node starts with: one static program, and nothing else.
 *
 * @returns their paths
 */
export function writeNodeImages(folder: string, programs: Readonly<Record<keyof typeof names, string>>): string[] {
  return (['pause', 'coredns', 'echo'] as const).map((program) => {
    const file = join(folder, `${program}.tar`)
    writeOciArchive(file, {
      name: names[program],
      config: { Entrypoint: [`/${program}`], User: users[program] },
      layers: [makeLayer([fileFrom(programs[program], program, 0o755)])],
    })
    return file
  })
}
