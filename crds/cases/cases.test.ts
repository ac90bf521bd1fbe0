import { describe, expect, it } from 'vitest'
import { kinds, parseSpec, type GatehouseKind } from '../src/index.ts'
import { cases, documentOf, fullSpecs, looseKeys, misspellings, rulesOf } from './index.ts'

const kindNames = Object.keys(kinds) as GatehouseKind[]
const rules = kindNames.flatMap((kind) => rulesOf(kind).map((rule) => ({ kind, ...rule })))

describe('the table of cases', () => {
  it.each(rules)('accepts and refuses something by $kind $at: $message', ({ kind, at, message }) => {
    const about = cases.filter(
      (entry) => entry.kind === kind && entry.rule?.at === at && entry.rule.message === message,
    )
    expect(new Set(about.map(({ verdict }) => verdict))).toEqual(new Set(['accepted', 'refused']))
  })

  it('names only rules that exist', () => {
    const missing = cases.filter(
      ({ kind, rule }) =>
        rule && !rules.some((one) => one.kind === kind && one.at === rule.at && one.message === rule.message),
    )
    expect(missing).toEqual([])
  })

  it('has a name for each case', () => {
    const names = cases.map(({ kind, name }) => `${kind}: ${name}`)
    expect(names).toEqual([...new Set(names)])
  })

  it.each(kindNames)('has a full %s that misses no key which only strict validation guards', (kind) => {
    const used = new Set(misspellings.filter((entry) => entry.kind === kind).map(({ key }) => key))
    expect(looseKeys(kinds[kind]).filter(({ path }) => !used.has(path))).toEqual([])
  })
})

describe('parseSpec', () => {
  // The API server drops a null before anyone parses the object.
  const stored = cases.filter(({ name }) => !name.startsWith('a null'))

  it.each(stored)('$kind: $name is $verdict', ({ kind, spec, verdict, rule }) => {
    const parsed = parseSpec(kind, documentOf(kind, spec).spec)
    const reasons = parsed.ok ? [] : parsed.issues.map(({ reason }) => reason)
    const due = verdict === 'refused' && rule ? [rule.message] : []
    expect({ verdict: parsed.ok ? 'accepted' : 'refused', reasons }).toEqual({
      verdict,
      reasons: expect.arrayContaining(due),
    })
  })

  it.each(kindNames)('accepts a full %s', (kind) => {
    expect(parseSpec(kind, fullSpecs[kind])).toMatchObject({ ok: true })
  })

  it.each(misspellings)('refuses $kind with $place misspelt', ({ kind, spec }) => {
    expect(parseSpec(kind, spec).ok).toBe(false)
  })
})
