import type { Explanation } from '@gatehouse/dataplane'
import { levelName } from '../explain/level.ts'
import type { Expectation } from './file.ts'

/** What a request came to, in the words of expectations. */
export interface Outcome {
  readonly decision: 'allow' | 'deny'
  readonly code: string | null
  readonly policy: string | null
  readonly rule: string | null
  readonly level: string | null
  readonly would: string | null
}

export const outcomeOf = ({ allowed, code, policy, item, level, would }: Explanation): Outcome => ({
  decision: allowed ? 'allow' : 'deny',
  code,
  policy,
  rule: item,
  level: levelName(level),
  would: would?.outcome ?? null,
})

/** One thing that is not as expected. */
export interface Difference {
  readonly field: keyof Outcome
  readonly expected: string
  readonly actual: string | null
}

/** What of an expectation does not hold; what it does not say may be anything. */
export function differencesOf(expected: Expectation, actual: Outcome): readonly Difference[] {
  const fields = Object.entries(expected) as [keyof Outcome, string | undefined][]
  return fields.flatMap(([field, value]) =>
    value === undefined || value === actual[field] ? [] : [{ field, expected: value, actual: actual[field] }],
  )
}
