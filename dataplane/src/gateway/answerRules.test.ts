import { describe, expect, it } from 'vitest'
import { answerRules, pushAnswerHeaders } from './answerRules.ts'

const asked = (scheme: 'http' | 'https') => ({ headers: new Map<string, string[]>(), connection: { scheme } })
const frames = { name: 'x-frame-options', value: 'DENY' }
const strict = { name: 'strict-transport-security', value: 'max-age=1' }

function added(out: string[], scheme: 'http' | 'https' = 'https'): string[] {
  pushAnswerHeaders(out, answerRules([], [frames, strict])!, asked(scheme))
  return out
}

describe('answerRules', () => {
  it('are none where nothing is added', () => {
    expect(answerRules([], [])).toBeNull()
  })

  it('take a header of several levels from the widest', () => {
    const rules = answerRules([], [frames, { ...frames, value: 'SAMEORIGIN' }, strict])
    expect(rules?.securityHeaders).toEqual([frames, strict])
  })
})

describe('pushAnswerHeaders', () => {
  it('adds what is not there', () => {
    expect(added([])).toEqual(['x-frame-options', 'DENY', 'strict-transport-security', 'max-age=1'])
  })

  it('leaves what is', () => {
    const own = ['x-frame-options', 'SAMEORIGIN', 'x', 'strict-transport-security']
    expect(added([...own])).toEqual([...own, 'strict-transport-security', 'max-age=1'])
  })

  it('says nothing of transport security over plain HTTP', () => {
    expect(added([], 'http')).toEqual(['x-frame-options', 'DENY'])
  })
})
