import type { GatehouseKind } from '../src/index.ts'

/** Which rule of which schema a case is about. */
export interface CaseRule {
  /** Where the rule stands, such as `spec.listeners[]`. */
  readonly at: string
  readonly message: string
}

/** An object and what must become of it, in the API server and everywhere that claims to do the same. */
export interface Case {
  readonly kind: GatehouseKind
  readonly name: string
  readonly spec: { readonly [key: string]: unknown }
  readonly verdict: 'accepted' | 'refused'
  /** The rule that the case is about; a refusal must carry its message. */
  readonly rule?: CaseRule
}

type Specs = { readonly [name: string]: Case['spec'] }

const casesOf = (kind: GatehouseKind, verdict: Case['verdict'], specs: Specs, rule?: CaseRule): readonly Case[] =>
  Object.entries(specs).map(([name, spec]) => ({ kind, name, spec, verdict, ...(rule && { rule }) }))

/** Objects that a rule accepts, and objects that only this rule refuses. */
export const ruleCases = (
  kind: GatehouseKind,
  rule: CaseRule,
  specs: { readonly accepted: Specs; readonly refused: Specs },
): readonly Case[] => [
  ...casesOf(kind, 'accepted', specs.accepted, rule),
  ...casesOf(kind, 'refused', specs.refused, rule),
]

/** Objects that the structure of the schema accepts or refuses. */
export const structureCases = (
  kind: GatehouseKind,
  specs: { readonly accepted: Specs; readonly refused: Specs },
): readonly Case[] => [...casesOf(kind, 'accepted', specs.accepted), ...casesOf(kind, 'refused', specs.refused)]
