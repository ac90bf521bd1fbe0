import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync, watch } from 'node:fs'
import { join } from 'node:path'
import { root } from '../architecture/copy.ts'
import type { AttackClass } from './mutant.ts'

/** One attack case, and what came of it. */
export interface Case {
  readonly status: string
  readonly title: string
}

interface Report {
  readonly testResults: readonly { readonly assertionResults: readonly Case[] }[]
}

/** What was reported, once all of it is there. */
function readReport(file: string): Report | null {
  if (!existsSync(file)) return null
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report
  } catch {
    return null
  }
}

/**
 * Runs the attacks of one class on a copy of the data plane until the first turns red.
 *
 * @param folder - of the copy
 * @throws when no case ran; the message is what the runner said
 */
export async function attackedCases(attack: AttackClass, folder: string): Promise<readonly Case[]> {
  const file = join(folder, 'report.json')
  rmSync(file, { force: true })
  const vitest = ['run', '--project', 'attack', '--bail=1', '--reporter=json', `--outputFile=${file}`]
  const child = spawn(join(root, 'node_modules/.bin/vitest'), [...vitest, `test/attack/${attack}.test.ts`], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, GATEHOUSE_ATTACKED_ENTRY: join(folder, 'dataplane/src/main.ts'), NO_COLOR: '1' },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output += part.toString()))
  await new Promise<void>((resolve, reject) => {
    // A runner that bails ends its workers, whose data planes then hold its streams open: it would not end by itself.
    const watcher = watch(folder, () => {
      if (readReport(file) !== null) finish()
    })
    const finish = (): void => {
      watcher.close()
      resolve()
    }
    child.once('exit', finish)
    child.once('error', reject)
  })
  endGroup(child.pid)
  const cases = readReport(file)?.testResults.flatMap(({ assertionResults }) => assertionResults) ?? []
  if (!cases.some(({ status }) => status === 'passed' || status === 'failed')) throw new Error(output)
  return cases
}

/** Ends a runner and all that it has started and left. */
function endGroup(leader: number | undefined): void {
  if (leader === undefined) return
  try {
    process.kill(-leader, 'SIGKILL')
  } catch {
    // All of them have ended.
  }
}
