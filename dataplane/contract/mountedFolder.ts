import { readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'

/** The folder of the present generation; null when the folder is no mounted Secret. */
export const generationIn = (folder: string): Promise<string | null> =>
  realpath(join(folder, '..data')).catch(() => null)

/**
 * Reads files of a folder, all of one generation. The kubelet writes each generation of a mounted Secret into a folder
 * of its own and moves the link `..data` there; so the link is followed once, and not by each file. A folder without
 * that link is read as it is.
 *
 * @param find - looks up the present generation
 * @returns the texts in the order of the names
 * @throws the file system's error when a file cannot be read
 */
export async function readMounted(
  folder: string,
  names: readonly string[],
  find = generationIn,
): Promise<readonly string[]> {
  for (let generation = await find(folder); ;) {
    try {
      return await Promise.all(names.map((name) => readFile(join(generation ?? folder, name), 'utf8')))
    } catch (error) {
      // The kubelet removes the generation before as soon as there is another.
      const present = await find(folder)
      if (present === generation) throw error
      generation = present
    }
  }
}
