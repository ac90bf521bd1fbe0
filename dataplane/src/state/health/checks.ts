import type { ActiveCheck, PassiveCheck } from '@gatehouse/contract'
import type { BalancedUse } from '../../gateway/gateway.ts'

/** The checks of one upstream, each once however many rules have it; by what they say. */
export interface Checks {
  readonly active: Map<string, ActiveCheck>
  readonly passive: Map<string, PassiveCheck>
}

const texts = new WeakMap<ActiveCheck | PassiveCheck, string>()

/** What a check says: the same for checks that are alike. */
export function textOf(check: ActiveCheck | PassiveCheck): string {
  let text = texts.get(check)
  if (text === undefined) texts.set(check, (text = JSON.stringify(check)))
  return text
}

/** The checks of each upstream that has any, by its name. */
export function checksOf(balanced: readonly BalancedUse[]): ReadonlyMap<string, Checks> {
  const checks = new Map<string, Checks>()
  for (const { upstream, balancing } of balanced) {
    const { active, passive } = balancing
    if (active === null && passive === null) continue
    const known = checks.get(upstream) ?? { active: new Map(), passive: new Map() }
    checks.set(upstream, known)
    if (active !== null) known.active.set(textOf(active), active)
    if (passive !== null) known.passive.set(textOf(passive), passive)
  }
  return checks
}
