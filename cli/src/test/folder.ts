import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isCoded } from '../codedError.ts'
import { CommandError, exitStatus } from '../exit.ts'
import { isTestFile, testFolder } from '../folder/reading.ts'
import { plainText } from '../plainText.ts'
import { testsIn, type PlacedTest } from './file.ts'

async function testFiles(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder)
    return names
      .filter(isTestFile)
      .sort()
      .map((name) => join(folder, name))
  } catch (error) {
    if (isCoded(error)) return []
    throw error
  }
}

/**
 * The tests of some folders: files `*.test.yaml` in them, and in a folder `tests` within, which `kubectl apply -f` does
 * not look into.
 *
 * @throws CommandError when there are none, or one cannot be read
 */
export async function testsOf(folders: readonly string[]): Promise<readonly PlacedTest[]> {
  const places = folders.flatMap((folder) => [folder, join(folder, testFolder)])
  const files: string[] = []
  for (const place of places) files.push(...(await testFiles(place)))
  const read = await Promise.all(files.map(async (file) => testsIn(file, await readFile(file, 'utf8'))))
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
