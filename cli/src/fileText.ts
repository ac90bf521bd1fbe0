import { readFile } from 'node:fs/promises'
import { isCoded } from './codedError.ts'
import { CommandError, exitStatus } from './exit.ts'
import { whyNot } from './folder/reading.ts'
import { utf8Text } from './utf8.ts'

/** The text of a file that a flag names, or that was found in a folder. @throws CommandError when it cannot be read */
export async function fileText(path: string): Promise<string> {
  const unreadable = (sentence: string) => new CommandError(sentence, exitStatus.unreadable)
  try {
    const text = utf8Text(await readFile(path))
    if (text === null) throw unreadable(`${path} is not text in UTF-8`)
    return text
  } catch (error) {
    if (!isCoded(error)) throw error
    throw unreadable(error.code === 'ENOENT' ? `there is no such file: ${path}` : `${path} ${whyNot(error)}`)
  }
}
