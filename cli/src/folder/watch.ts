import { watch, type FSWatcher } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { isCoded } from '../codedError.ts'
import { readFolders, sameReading, type Reading } from './reading.ts'

/** Milliseconds after which what was read is read again; only what is the same both times counts. */
const settleTime = 60
/** Milliseconds between looks without an event: some file systems give none, and links lead elsewhere. */
const pollInterval = 1000
/** A file that changes this often in a row is not waited for. */
const maxRounds = 50

/** Resolves when something that is still being written has had time to change again. */
export type Settle = () => Promise<unknown>

/** What is there once nobody writes any more; a file that never comes to rest counts as unreadable. */
async function settled(folders: readonly string[], settle: Settle): Promise<Reading> {
  let before = await readFolders(folders)
  for (let round = 0; round < maxRounds; round++) {
    await settle()
    const now = await readFolders(folders)
    if (sameReading(before, now)) return now
    before = now
  }
  const last = await readFolders(folders)
  const restless = [...last.texts].filter(([file, text]) => before.texts.get(file) !== text).map(([file]) => file)
  return {
    texts: new Map([...last.texts].filter(([file]) => !restless.includes(file))),
    unreadable: new Map([...last.unreadable, ...restless.map((file) => [file, 'keeps changing'] as const)]),
    passedOver: last.passedOver,
  }
}

/** Follows some folders until it is closed. */
export class FolderWatch {
  readonly #folders: readonly string[]
  readonly #changed: (reading: Reading) => void
  readonly #settle: Settle
  readonly #watchers: FSWatcher[] = []
  readonly #poll: NodeJS.Timeout
  #known: Reading
  #looking = false
  #again = false
  #closed = false

  /**
   * @param known - what was read before
   * @param changed - called with each reading that differs from the one before
   */
  constructor(
    folders: readonly string[],
    known: Reading,
    changed: (reading: Reading) => void,
    settle: Settle = () => delay(settleTime),
  ) {
    this.#folders = folders
    this.#known = known
    this.#changed = changed
    this.#settle = settle
    for (const folder of folders) this.#listen(folder)
    this.#poll = setInterval(() => void this.#look(), pollInterval)
  }

  close(): void {
    this.#closed = true
    clearInterval(this.#poll)
    for (const watcher of this.#watchers) watcher.close()
  }

  /** Without events, as when the system has no watches left, the poll sees the change. */
  #listen(folder: string): void {
    try {
      const watcher = watch(folder, () => void this.#look())
      watcher.on('error', () => watcher.close())
      this.#watchers.push(watcher)
    } catch (error) {
      if (!isCoded(error)) throw error
    }
  }

  async #look(): Promise<void> {
    this.#again = true
    if (this.#looking) return
    this.#looking = true
    while (this.#again && !this.#closed) {
      this.#again = false
      if (sameReading(this.#known, await readFolders(this.#folders))) continue
      const reading = await settled(this.#folders, this.#settle)
      if (this.#closed || sameReading(this.#known, reading)) continue
      this.#known = reading
      this.#changed(reading)
    }
    this.#looking = false
  }
}
