import { kinds, objectSchema, type CrdSchema, type GatehouseKind } from '../src/index.ts'
import type { CaseRule } from './case.ts'

function below(schema: CrdSchema, at: string): readonly CaseRule[] {
  const own = (schema['x-kubernetes-validations'] ?? []).map(({ message }) => ({ at, message }))
  const inner = schema.items ? below(schema.items, `${at}[]`) : []
  const members = Object.entries(schema.properties ?? {}).flatMap(([name, member]) =>
    below(member, at === '' ? name : `${at}.${name}`),
  )
  return [...own, ...inner, ...members]
}

/** Every rule that the CRD of a kind states, with where it stands. */
export const rulesOf = (kind: GatehouseKind): readonly CaseRule[] => below(objectSchema(kinds[kind]), '')
