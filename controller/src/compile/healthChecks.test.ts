import { describe, expect, it } from 'vitest'
import { note } from './findings.ts'
import { checkedBackend } from './healthChecks.ts'
import { purseOf } from './purse.ts'

type Rule = Parameters<typeof checkedBackend>[2]

const backend = (upstream: string) => ({ upstream, auth: null, resources: [] })
const active = {
  path: '/healthz',
  interval: '5s',
  timeout: '1s',
  healthyThreshold: 1,
  unhealthyThreshold: 3,
  expectedStatuses: [200],
}
const ruleWith = (healthCheck: Rule['healthCheck']): Pick<Rule, 'healthCheck'> => ({ healthCheck })
const at = '/spec/rules/0/backendRefs/0'

describe('a check', () => {
  it('is paid for once, however many rules make it, and again for another upstream', () => {
    const purse = purseOf(1_000_000, 0)
    const checked = (name: string, rule: ReturnType<typeof ruleWith>): number => {
      expect(checkedBackend(backend(name), at, rule, purse)).toEqual(backend(name))
      return purse.spent()
    }
    expect(checked('a', ruleWith(undefined))).toBe(0)
    const one = checked('a', ruleWith({ active }))
    expect(one).toBeGreaterThan(10_000)
    expect(checked('a', ruleWith({ active: { ...active } }))).toBe(one)
    expect(checked('a', ruleWith({ active: { ...active, path: '/other' } }))).toBe(2 * one)
    expect(checked('b', ruleWith({ active }))).toBe(3 * one)
  })

  it('that its namespace cannot pay for refuses the backend, not the check alone', () => {
    const found = checkedBackend(backend('a'), at, ruleWith({ active }), purseOf(10, 0))
    expect(found).toEqual({ notes: [note('ResolvedRefs', 'BudgetExceeded', at)] })
  })

  it('leaves a backend that does not resolve as it is', () => {
    const unresolved = { notes: [note('ResolvedRefs', 'BackendNotFound', at)] }
    expect(checkedBackend(unresolved, at, ruleWith({ active }), purseOf(10, 0))).toBe(unresolved)
  })
})
