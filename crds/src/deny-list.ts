import { z } from 'zod'
import { listReference } from './list-reference.ts'
import { mustPass } from './merge.ts'

export const denyList = mustPass(
  z
    .strictObject({
      configMapRef: listReference(
        'denied.json',
        'The ConfigMap: a JSON list of objects, each with ip (an address or a range), or with provider (of this policy, or any as namespace/policy/provider) or issuer and one of subject and clientId. While it is missing or cannot be read the last list that could be read stays in force; without one what this policy covers answers 500.',
      ),
    })
    .describe(
      'Who may not call, whatever else holds: addresses are refused before anything is counted or verified, callers as soon as they are known. Those of all levels must pass. Absent = nobody is denied.',
    ),
)
