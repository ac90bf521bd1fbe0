import type { GatewayRouteSpec } from '@gatehouse/crds'
import type { Action } from '@gatehouse/contract'
import { timerOf } from './durations.ts'
import { note, type Note } from './findings.ts'
import { memoised } from './memo.ts'

type RuleSpec = GatewayRouteSpec['rules'][number]
type Retry = Extract<Action, { type: 'Forward' }>['retry']

const asked = memoised((spec: NonNullable<RuleSpec['retry']>): NonNullable<Retry> => ({
  attempts: spec.attempts,
  codes: [...spec.codes],
  backoff: timerOf(spec.backoff),
  budgetPercent: spec.budgetPercent,
}))

/** @param most - attempts that the Gatehouse lets a rule have; 0 = none */
export function retryOf({ retry }: RuleSpec, most: number): Retry {
  if (!retry || most === 0) return null
  const made = asked(retry)
  return made.attempts > most ? { ...made, attempts: most } : made
}

/** Which rules have fewer retries than they ask for. */
export function cutRetries(rules: readonly RuleSpec[], most: number): readonly Note[] {
  const cut = rules.flatMap(({ retry }, index) =>
    retry && retry.attempts > most ? [`/spec/rules/${index}/retry/attempts`] : [],
  )
  return cut.length > 0 ? [note('Overridden', 'RetriesAboveBound', ...cut)] : []
}
