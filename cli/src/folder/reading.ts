import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isCoded } from '../codedError.ts'
import { utf8Text } from '../utf8.ts'

/** The texts of some folders at one moment. */
export interface Reading {
  /** By path, in the order in which kubectl applies them: folder by folder, sorted by name. */
  readonly texts: ReadonlyMap<string, string>
  /** Files and folders that could not be read, and why. */
  readonly unreadable: ReadonlyMap<string, string>
  /** Folders within that are not looked into. */
  readonly passedOver: readonly string[]
}

/** Requests and what is expected of them, which are no manifests. */
export const isTestFile = (name: string): boolean => /\.test\.ya?ml$/.test(name) && !name.startsWith('.')

/** A folder within, for test files that `kubectl apply -f` should not see. */
export const testFolder = 'tests'

const isManifest = (name: string): boolean => /\.(ya?ml|json)$/.test(name) && !name.startsWith('.') && !isTestFile(name)
const maxBytes = 16 * 1024 * 1024

const sentences: { readonly [code: string]: string } = {
  ENOENT: 'there is no such folder',
  ENOTDIR: 'is not a folder; name the folder that holds it',
  EACCES: 'may not be read by this user',
  EISDIR: 'is a folder, not a file',
}

const codeOf = (error: unknown): string => (isCoded(error) ? error.code : 'unknown error')

/** Why a file or folder could not be read: a sentence without subject. */
export const whyNot = (error: unknown): string => sentences[codeOf(error)] ?? `cannot be read (${codeOf(error)})`

interface Collected {
  readonly texts: Map<string, string>
  readonly unreadable: Map<string, string>
  readonly passedOver: string[]
}

async function readManifest(path: string, { texts, unreadable, passedOver }: Collected): Promise<void> {
  try {
    const info = await stat(path)
    if (info.isDirectory()) passedOver.push(path)
    else if (info.size > maxBytes) unreadable.set(path, 'is larger than 16 MiB')
    else {
      const text = utf8Text(await readFile(path))
      if (text === null) unreadable.set(path, 'is not text in UTF-8')
      else texts.set(path, text)
    }
  } catch (error) {
    // Deleted since the folder was listed: it is not there.
    if (codeOf(error) !== 'ENOENT') unreadable.set(path, whyNot(error))
  }
}

async function readFolder(folder: string, collected: Collected): Promise<void> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    const names = entries
      .filter((entry) => (entry.isDirectory() ? entry.name !== testFolder : isManifest(entry.name)))
      .map(({ name }) => name)
    for (const name of names.filter((one) => !one.startsWith('.')).sort()) {
      await readManifest(join(folder, name), collected)
    }
  } catch (error) {
    collected.unreadable.set(folder, whyNot(error))
  }
}

/**
 * Reads the files `*.yaml`, `*.yml` and `*.json` of some folders. Like `kubectl apply -f` it does not look into the
 * folders within. What cannot be read is named in the result, never thrown.
 */
export async function readFolders(folders: readonly string[]): Promise<Reading> {
  const collected: Collected = { texts: new Map(), unreadable: new Map(), passedOver: [] }
  for (const folder of folders) await readFolder(folder, collected)
  return collected
}

const sameMap = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean =>
  a.size === b.size && [...a].every(([key, value]) => b.get(key) === value)

/** Whether two readings say the same. */
export const sameReading = (a: Reading, b: Reading): boolean =>
  sameMap(a.texts, b.texts) && sameMap(a.unreadable, b.unreadable)
