import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCommandLine, type Ended } from './commandLine.ts'

const launcher = fileURLToPath(new URL('../../cli/bin/gatehouse', import.meta.url))

/** A folder with a `node` that is too old, and the folders of the system. */
let scratch: string
let path: string

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'gatehouse-launcher-'))
  await writeFile(join(scratch, 'node'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  path = `${scratch}:/usr/bin:/bin`
})
afterAll(() => rm(scratch, { recursive: true }))

const run = (program: string, ...args: readonly string[]): Promise<Ended> =>
  startCommandLine([program, ...args], { PATH: path }).ended

describe('the launcher', () => {
  it('finds the Node of the repository, also through a link, and passes arguments and the exit status on', async () => {
    const link = join(scratch, 'kubectl-gatehouse')
    await symlink(launcher, link)
    expect(await run(link, '--help')).toMatchObject({ status: 0, err: '' })
    expect(await run(link, 'token', '--claim', 'two words')).toMatchObject({
      status: 64,
      err: 'gatehouse: --claim needs NAME=VALUE, not "two words"',
    })
  })

  it('says in one sentence what is missing', async () => {
    const bin = join(scratch, 'clone', 'cli', 'bin')
    await mkdir(bin, { recursive: true })
    await copyFile(launcher, join(bin, 'gatehouse'))
    await chmod(join(bin, 'gatehouse'), 0o755)
    const { status, out, err } = await run(join(bin, 'gatehouse'), 'check')
    expect({ status, out }).toEqual({ status: 69, out: '' })
    expect(err.split('\n')).toEqual([expect.stringMatching(/^gatehouse needs Node 24: run 'npm ci' in .*\/clone/)])
  })
})
