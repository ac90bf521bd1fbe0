import { describe, expect, it } from 'vitest'
import { regexBytes } from './budget.ts'
import { patternsOf } from './authorizationRules.ts'
import { matchBytes } from './matchFaults.ts'
import { readSchema } from './schemas.ts'

const one = regexBytes(['^[a-z]{1,64}$'])

describe('what regular expressions count in the budget', () => {
  it('is by their instructions, beside their text', () => {
    expect(one).toBeGreaterThan(128 * 32)
    expect(one).toBeLessThan(128 * 64)
    expect(regexBytes([])).toBe(0)
  })

  it('is taken from every part of a match', () => {
    const value = '^[a-z]{1,64}$'
    const part = { name: 'x', type: 'RegularExpression' as const, value }
    const plain = { name: 'y', type: 'Exact' as const, value }
    const timeouts = { request: '30s', backendRequest: '30s', connect: '2s', idle: '60s', maxStreamAge: '1h' }
    const matches = [{ headers: [part, plain], queryParams: [part] }]
    expect(matchBytes([{ name: 'all', timeouts, matches }])).toBe(2 * one)
  })

  it('is taken from the expressions of rules, also from those that are none', () => {
    const matches = 'request.path.matches("^[a-z]{1,64}$")'
    const rule = { name: 'all', action: 'Deny' as const }
    const faulty = { ...rule, unless: { expression: `${matches} && unknown` } }
    expect(regexBytes(patternsOf([{ ...rule, expression: matches }, faulty]))).toBe(2 * one)
  })

  it('is taken from the patterns of a schema, each once', () => {
    const schema = { pattern: '^[a-z]{1,64}$', patternProperties: { '^[a-z]{1,64}$': true } }
    expect(readSchema(JSON.stringify(schema), 'Body')).toMatchObject({ ok: true, regexBytes: one })
  })
})
