import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isCoded } from '../codedError.ts'
import { CommandError, exitStatus } from '../exit.ts'
import { fileText } from '../fileText.ts'
import { isTestFile, testFolder, whyNot } from '../folder/reading.ts'
import { plainText } from '../plainText.ts'
import { testsIn, type PlacedTest } from './file.ts'

const filesOf = (folder: string, names: readonly string[]): readonly string[] =>
  names
    .filter(isTestFile)
    .toSorted()
    .map((name) => join(folder, name))

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (!isCoded(error)) throw error
    const sentence = error.code === 'ENOENT' ? `there is no such folder: ${folder}` : `${folder} ${whyNot(error)}`
    throw new CommandError(sentence, exitStatus.unreadable)
  }
}

/** The files of a folder, and those of the folder for tests within it. */
async function testFiles(folder: string): Promise<readonly string[]> {
  const names = await namesIn(folder)
  const within = join(folder, testFolder)
  return [...filesOf(folder, names), ...(names.includes(testFolder) ? filesOf(within, await namesIn(within)) : [])]
}

/**
 * The tests of some folders: files `*.test.yaml` in them, and in a folder `tests` within, which `kubectl apply -f` does
 * not look into.
 *
 * @throws CommandError when there are none, or one cannot be read
 */
export async function testsOf(folders: readonly string[]): Promise<readonly PlacedTest[]> {
  const files: string[] = []
  for (const folder of folders) files.push(...(await testFiles(folder)))
  const read = await Promise.all(files.map(async (file) => testsIn(file, await fileText(file))))
  const faults = read.flatMap((one) => one.faults)
  if (faults.length > 0) {
    const lines = faults.slice(0, 20).map(({ place, message }) => `${place.file}:${place.line}: ${message}`)
    throw new CommandError(lines.map(plainText).join('; '), exitStatus.unreadable)
  }
  const tests = read.flatMap((one) => one.tests)
  if (tests.length === 0)
    throw new CommandError(`there are no tests in *.test.yaml of ${folders.join(', ')}`, exitStatus.unreadable)
  return tests
}
