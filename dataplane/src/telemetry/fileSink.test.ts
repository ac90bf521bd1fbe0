import { closeSync, openSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fileSink } from './fileSink.ts'
import type { WriteResult } from './lineWriter.ts'

const write = (descriptor: number, text: string): Promise<WriteResult> =>
  new Promise((resolve) => fileSink(descriptor).write(Buffer.from(text), resolve))

describe('fileSink', () => {
  it('writes to the descriptor and says how much', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-sink-'))
    const descriptor = openSync(join(folder, 'log'), 'w')
    expect(await write(descriptor, 'line\n')).toBe(5)
    closeSync(descriptor)
    expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('line\n')
    await rm(folder, { recursive: true })
  })

  it('says that bytes are lost instead of trying for ever', async () => {
    const full = openSync('/dev/full', 'w')
    expect(await write(full, 'line\n')).toBe('lost')
    closeSync(full)
  })
})
