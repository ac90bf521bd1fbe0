import { z } from 'zod'
import { access } from './access.ts'
import { action } from './action.ts'
import { methods, name, objectName, pathMatch, text } from './common.ts'

/** What a header or a parameter must say; a regular expression in the syntax of RE2 has to match the whole value. */
const valueMatch = z.strictObject({ name, type: z.enum(['Exact', 'RegularExpression']), value: text })

/** A regular expression that is none closes what the match could have been for (M7). */
export const ruleMatch = z.strictObject({
  path: z.union([
    pathMatch,
    z.strictObject({ type: z.literal('RegularExpression'), value: z.string().min(1).max(1024) }),
  ]),
  methods,
  /** Lower-case names; all must be there and fit. */
  headers: z.array(valueMatch).max(16),
  /** Of the query, decoded; all must be there and fit. */
  queryParams: z.array(valueMatch).max(16),
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
