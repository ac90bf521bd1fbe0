import { z } from 'zod'
import { access } from './access.ts'
import { action } from './action.ts'
import { methods, name, objectName, pathMatch, text } from './common.ts'

/** A regular expression in the syntax of RE2 has to match the whole path; one that is none matches nothing and opens nothing (M7). */
export const ruleMatch = z.strictObject({
  path: z.union([
    pathMatch,
    z.strictObject({ type: z.literal('RegularExpression'), value: z.string().min(1).max(1024) }),
  ]),
  methods,
  /** Lower-case names; all must be present with exactly this value. */
  headers: z.array(z.strictObject({ name, value: text })).max(16),
})
export type RuleMatch = z.infer<typeof ruleMatch>

export const rule = z.strictObject({
  name,
  matches: z.array(ruleMatch).max(8),
  /** Who decides. */
  access,
  /**
   * Who would decide if everything in Shadow were enforced; it is evaluated beside `access` and only recorded (M9).
   * null = nothing in Shadow concerns this rule.
   */
  shadow: access.nullable(),
  action,
})
export type Rule = z.infer<typeof rule>

export const route = z.strictObject({
  object: objectName,
  /** Creation time, milliseconds since the epoch: the older route wins a tie. */
  created: z.int(),
  /** Names of `listener` resources. */
  listeners: z.array(name).max(64),
  /** Lower case, exact or `*.` wildcard, already reduced to what the namespace may serve. */
  hostnames: z.array(z.string().min(1).max(253)).max(16),
  rules: z.array(rule).max(16),
  /**
   * True when a match of this route could not be understood. What would then fall through to another rule of this
   * namespace on these hostnames is answered 500 `config-invalid` (M7).
   */
  incomplete: z.boolean(),
})
