import { constants } from 'node:fs'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import {
  lastGoodLineOf,
  lastGoodOf,
  maxMessageBytes,
  type LastGoodHead,
  type LastGoodPart,
  type SignedRevision,
  type Snapshot,
} from '@gatehouse/contract'
import type { Clock } from '../clock.ts'
import { errorCode } from './errorCode.ts'
import type { LastGoodTexts } from './lastGood.ts'
import { pause } from './pause.ts'

const fileOf = (folder: string, part: LastGoodPart): string => join(folder, `${part}.jsonl`)

/** A file that is not ours to trust. Its code is for logs. */
export class UnusableFileError extends Error {
  readonly code: 'WRONG_PERMISSIONS' | 'TOO_LARGE'

  constructor(code: UnusableFileError['code']) {
    super(`a file of the last good snapshot cannot be used: ${code}`)
    this.code = code
  }
}

/** What came in one message is written with little around it. */
const maxFileBytes = 2 * maxMessageBytes

/** Bits of a mode that let users read or write who are neither the owner nor of the group, which may be the volume's. */
const others = 0o007

async function readText(file: FileHandle): Promise<string> {
  const { mode, size } = await file.stat()
  if ((mode & constants.S_IFMT) !== constants.S_IFREG || (mode & others) !== 0) {
    throw new UnusableFileError('WRONG_PERMISSIONS')
  }
  if (size > maxFileBytes) throw new UnusableFileError('TOO_LARGE')
  return await file.readFile('utf8')
}

/** @throws the file system's error, except that a missing file is null; UnusableFileError */
async function readPart(folder: string, part: LastGoodPart): Promise<string | null> {
  let file: FileHandle
  try {
    // A pipe would otherwise be waited at until somebody writes.
    file = await open(fileOf(folder, part), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
  try {
    return await readText(file)
  } finally {
    await file.close()
  }
}

/** @param failed - called for each file that is there and cannot be used; it counts as missing */
export async function readLastGoodFiles(folder: string, failed: (error: unknown) => void): Promise<LastGoodTexts> {
  const part = (name: LastGoodPart): Promise<string | null> =>
    readPart(folder, name).catch((error: unknown) => {
      failed(error)
      return null
    })
  return { configuration: await part('configuration'), secrets: await part('secrets') }
}

/** What is to be kept. */
export interface LastGoodState {
  readonly snapshot: Snapshot
  readonly signed: SignedRevision
}

/** So many characters are made at a time, so that requests need not wait for a large snapshot. */
const pieceLength = 65_536

/** The text of a file, piece by piece. */
export function* piecesOf({ snapshot, signed }: LastGoodState, part: LastGoodPart): Generator<string> {
  const head: LastGoodHead = { format: 1, part, signed }
  let text = `${JSON.stringify(head)}\n`
  for (const resource of snapshot.resources.values()) {
    const line = lastGoodLineOf(resource, part)
    if (line === null) continue
    text += `${JSON.stringify(line)}\n`
    if (text.length < pieceLength) continue
    yield text
    text = ''
  }
  yield text
}

/** In one step: a reader finds the file before or the file after. */
async function writePart(folder: string, part: LastGoodPart, state: LastGoodState): Promise<void> {
  const path = fileOf(folder, part)
  const unfinished = `${path}.unfinished`
  await rm(unfinished, { force: true })
  const file = await open(unfinished, 'wx', 0o600)
  try {
    for (const text of piecesOf(state, part)) await file.appendFile(text)
  } finally {
    await file.close()
  }
  await rename(unfinished, path)
}

/** How much longer than it wrote it rests, so that a large snapshot that changes without end does not cost the requests. */
const restFactor = 9

/** Keeps the newest snapshot in a folder. One is written at a time; what came meanwhile is passed over but the latest. */
export class LastGoodFolder {
  readonly #folder: string
  readonly #failed: (error: unknown) => void
  readonly #clock: Clock
  readonly #closing = new AbortController()
  #pending: LastGoodState | null = null
  #writing: Promise<void> | null = null

  /** @param failed - called when a snapshot could not be written; the one before stays as far as it goes */
  constructor(folder: string, failed: (error: unknown) => void, clock: Clock) {
    this.#folder = folder
    this.#failed = failed
    this.#clock = clock
  }

  keep(state: LastGoodState): void {
    this.#pending = state
    this.#writing ??= this.#drain()
  }

  /** Writes at once what was last to be kept, and waits until it is. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#writing
  }

  async #drain(): Promise<void> {
    const { signal } = this.#closing
    for (let state = this.#take(); state !== null; state = this.#take()) {
      const began = this.#clock.monotonic()
      await this.#write(state).catch(this.#failed)
      const rest = restFactor * (this.#clock.monotonic() - began)
      await pause(rest, signal)
    }
    this.#writing = null
  }

  #take(): LastGoodState | null {
    const state = this.#pending
    this.#pending = null
    return state
  }

  async #write(state: LastGoodState): Promise<void> {
    const keepsSecrets = lastGoodOf(state.snapshot).secrets === 'Keep'
    // Secrets that must not be kept go first. Otherwise they come last: secrets that are later than the configuration
    // tell that it was put back.
    if (!keepsSecrets) await rm(fileOf(this.#folder, 'secrets'), { force: true })
    await writePart(this.#folder, 'configuration', state)
    if (keepsSecrets) await writePart(this.#folder, 'secrets', state)
  }
}
