import { readFile } from 'node:fs/promises'
import { isCoded } from './codedError.ts'
import { CommandError, exitStatus } from './exit.ts'

/** The text of a file that a flag names. @throws CommandError when it cannot be read */
export async function fileText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (!isCoded(error)) throw error
    const sentence =
      error.code === 'ENOENT' ? `there is no such file: ${path}` : `${path} cannot be read: ${error.code}`
    throw new CommandError(sentence, exitStatus.unreadable)
  }
}
