import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { copyOf, root } from '../architecture/copy.ts'
import { createReport } from '../support/report.ts'
import { attackedCases } from './attackedCases.ts'
import type { Mutant } from './mutant.ts'
import { mutants, straysOf } from './mutants.ts'

/**
 * Replaces each check of the data plane in turn by "pass" and runs the attack cases of its class against the mutant: at
 * least one must turn red. `--small` tries a few, `--class=NAME` those of one class; without either all, and a page is written.
 */

interface Verdict {
  readonly mutant: Mutant
  /** The first case that turned red; null = the mutant lived. */
  readonly killedBy: string | null
}

/** Takes a check out of a copy of the data plane. @returns puts it back */
function mutate(folder: string, { edits }: Mutant): () => void {
  const sound = new Map<string, string>()
  for (const { file, find, replace } of edits) {
    const path = join(folder, 'dataplane/src', file)
    const text = readFileSync(path, 'utf8')
    if (!sound.has(path)) sound.set(path, text)
    writeFileSync(
      path,
      text.replace(find, () => replace),
    )
  }
  return () => {
    for (const [path, text] of sound) writeFileSync(path, text)
  }
}

async function firstRedCase(folder: string, mutant: Mutant): Promise<string | null> {
  const restore = mutate(folder, mutant)
  try {
    const cases = await attackedCases(mutant.attack, folder)
    return cases.find(({ status }) => status === 'failed')?.title ?? null
  } finally {
    restore()
  }
}

/** Two at a time: each has a data plane, a controller and a runner. */
async function tryAll(chosen: readonly Mutant[]): Promise<Verdict[]> {
  const left = [...chosen]
  const verdicts: Verdict[] = []
  const work = async (): Promise<void> => {
    const copy = copyOf(['dataplane'])
    try {
      for (let mutant = left.shift(); mutant !== undefined; mutant = left.shift()) {
        const killedBy = await firstRedCase(copy.folder, mutant)
        verdicts.push({ mutant, killedBy })
        console.log(
          `${killedBy === null ? 'LIVES ' : 'killed'} ${mutant.attack}: ${mutant.check}: ${killedBy ?? 'no case turned red'}`,
        )
      }
    } finally {
      copy.remove()
    }
  }
  await Promise.all([work(), work()])
  return chosen.flatMap((mutant) => verdicts.filter((verdict) => verdict.mutant === mutant))
}

const method = (verdicts: readonly Verdict[]): string =>
  [
    'Each check of the data plane is replaced in turn by "pass" in a copy of the source, and the attack cases of its class',
    'run against the mutant. The first case that turns red is named. `make proof-mutants` writes this page.',
    '',
    '| class | check that was taken out | case that turned red |',
    '|---|---|---|',
    ...verdicts.map(({ mutant, killedBy }) => `| ${mutant.attack} | ${mutant.check} | ${killedBy ?? '**none**'} |`),
  ].join('\n')

const small = process.argv.includes('--small')
const only = process.argv.find((argument) => argument.startsWith('--class='))?.slice('--class='.length)
const chosen = mutants.filter(
  (mutant) => (!small || mutant.small === true) && (only ?? mutant.attack) === mutant.attack,
)
const strays = straysOf(chosen)
if (strays.length > 0)
  throw new Error(`test/attack: what stands not once in its file has to be said anew: ${strays.join('; ')}`)
const verdicts = await tryAll(chosen)
const report = createReport()
const killed = verdicts.filter(({ killedBy }) => killedBy !== null).length
report.line('mutants-killed', killed, `of-${verdicts.length}`, { exactly: verdicts.length })
if (!small && only === undefined)
  await report.page(join(root, 'docs/proofs/mutants.md'), 'Every check is needed', method(verdicts))
process.exitCode = report.ok() ? 0 : 1
