import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../architecture/copy.ts'
import { actionMutants } from './actionMutants.ts'
import { anomalyMutants } from './anomalyMutants.ts'
import { answerMutants } from './answerMutants.ts'
import { backendMutants } from './backendMutants.ts'
import { balancingMutants } from './balancingMutants.ts'
import { callerMutants } from './callerMutants.ts'
import { concurrencyMutants } from './concurrencyMutants.ts'
import { faultMutants } from './faultMutants.ts'
import { formMutants } from './formMutants.ts'
import { http2Mutants } from './http2Mutants.ts'
import type { Mutant } from './mutant.ts'
import { policyMutants } from './policyMutants.ts'
import { requestMutants } from './requestMutants.ts'
import { resilienceMutants } from './resilienceMutants.ts'
import { sharedMutants } from './sharedMutants.ts'
import { tokenMutants } from './tokenMutants.ts'
import { usageMutants } from './usageMutants.ts'
import { upstreamMutants } from './upstreamMutants.ts'

/** Every check of the data plane that an attack case must miss when it is gone. */
export const mutants: readonly Mutant[] = [
  ...actionMutants,
  ...anomalyMutants,
  ...requestMutants,
  ...policyMutants,
  ...tokenMutants,
  ...upstreamMutants,
  ...answerMutants,
  ...backendMutants,
  ...balancingMutants,
  ...callerMutants,
  ...concurrencyMutants,
  ...faultMutants,
  ...formMutants,
  ...http2Mutants,
  ...resilienceMutants,
  ...sharedMutants,
  ...usageMutants,
]

function sourceOf(file: string): string {
  const path = join(root, 'dataplane/src', file)
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

/** Edits of what does not stand in the source, or more than once. */
export const straysOf = (chosen: readonly Mutant[]): readonly string[] =>
  chosen.flatMap(({ check, edits }) =>
    edits
      .filter(({ file, find }) => sourceOf(file).split(find).length !== 2)
      .map(({ file, find }) => `${check}: ${file}: ${find}`),
  )
