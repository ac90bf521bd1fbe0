import { readJson, type JsonValue } from './json.ts'
import { checkOf } from './schemaCompile.ts'
import type { SchemaFault } from './schemaFault.ts'
import { reviewSchema } from './schemaReview.ts'
import { Exhausted, Run, type Effort, type Finding } from './schemaRun.ts'

export type { SchemaFault, SchemaFaultReason } from './schemaFault.ts'
export { schemaFaults } from './schemaFault.ts'
export { findingReasons, maxFindings, type Effort, type Finding, type FindingReason } from './schemaRun.ts'

/** What is wrong with a value: nothing, these things, or that it cannot be told with this effort. */
export type SchemaVerdict = readonly Finding[] | 'exhausted'

/** A schema, ready to be run. */
export interface Schema {
  readonly ok: true
  /** The schema as data. */
  readonly root: JsonValue
  /** Its regular expressions, each once. */
  readonly patterns: readonly string[]
  check(value: JsonValue, effort: Effort): SchemaVerdict
}

export interface UnusableSchema {
  readonly ok: false
  readonly faults: readonly SchemaFault[]
}

/** Most characters of a schema. */
const maxText = 65_536

const limits = { maxDepth: 64, maxValues: 32_768 }

const unusable = (reason: SchemaFault['reason']): UnusableSchema => ({ ok: false, faults: [{ pointer: '', reason }] })

/**
 * Compiles a JSON text as a schema: the subset of JSON Schema 2020-12 of which each keyword's cost is known beforehand
 * (M14). Whoever checks a schema and whoever runs it call this.
 */
export function compileSchema(text: string): Schema | UnusableSchema {
  if (text.length > maxText) return unusable('too-large')
  const read = readJson(text, limits)
  if (!read.ok) return unusable('not-json')
  const root = read.value
  const { faults, regexes } = reviewSchema(root)
  if (faults.length > 0) return { ok: false, faults }
  const check = checkOf(root, regexes)
  return {
    ok: true,
    root,
    patterns: [...regexes.keys()],
    check: (value, effort) => {
      if (check === null) return []
      const run = new Run(effort)
      try {
        check(value, run)
        return run.findings
      } catch (error) {
        if (error instanceof Exhausted) return 'exhausted'
        throw error
      }
    },
  }
}
