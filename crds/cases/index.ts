import { accessPolicyCases } from './access-policy.ts'
import { backendRefCases } from './backend-ref.ts'
import type { Case } from './case.ts'
import { gatehouseCases } from './gatehouse.ts'
import { gatewayRouteCases } from './gateway-route.ts'

export type { Case, CaseRule } from './case.ts'
export { fullSpecs, grantingKeys, misspellings, type Misspelling } from './misspelt.ts'
export { rulesOf } from './rules.ts'
export { looseKeys } from '../reference.ts'

/** Every accepted and refused object; each rule of each CRD has at least one of both. */
export const cases: readonly Case[] = [
  ...gatehouseCases,
  ...gatewayRouteCases,
  ...backendRefCases,
  ...accessPolicyCases,
]

/** The case as a document, as a user would apply it. */
export const documentOf = (kind: Case['kind'], spec: Case['spec'], name = 'case') => ({
  apiVersion: 'gatehouse.dev/v1alpha1',
  kind,
  metadata: { name, namespace: 'default' },
  // What JSON cannot carry, a member that is `undefined`, is absent.
  spec: JSON.parse(JSON.stringify(spec)) as Case['spec'],
})
