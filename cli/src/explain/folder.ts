import type { Json } from '@gatehouse/crds'
import { CommandError, exitStatus } from '../exit.ts'
import { contentOf, documentsOf, emptyFolder, faultLine } from '../folder/content.ts'
import { readFolders } from '../folder/reading.ts'
import { plainText } from '../plainText.ts'

const maxFaults = 20

/**
 * The objects of some folders.
 *
 * @throws CommandError when anything in them cannot be read or would be refused, because what is missing then changes
 *   decisions
 */
export async function folderDocuments(folders: readonly string[]): Promise<readonly Json[]> {
  const content = contentOf(await readFolders(folders), emptyFolder)
  const [first, ...more] = content.faults
  if (first) {
    const lines = [first, ...more].slice(0, maxFaults).map(faultLine)
    throw new CommandError(lines.map(plainText).join('; '), exitStatus.unreadable)
  }
  if (content.objects.size === 0)
    throw new CommandError(`there is nothing to judge by in ${folders.join(', ')}`, exitStatus.unreadable)
  return documentsOf(content.objects, null)
}
