import { describe, expect, it } from 'vitest'
import { parseSpec } from './parse.ts'

const rule = { name: 'a', backendRefs: [{ name: 'b', port: 80 }] }

describe('parseSpec', () => {
  it('writes defaults out', () => {
    const parsed = parseSpec('GatewayRoute', { hostnames: ['a.example'], rules: [rule] })
    expect(parsed).toEqual({
      ok: true,
      spec: {
        hostnames: ['a.example'],
        rules: [
          {
            name: 'a',
            backendRefs: [{ name: 'b', port: 80, weight: 1, protocol: 'HTTP1' }],
            timeouts: { request: '15s', backendRequest: '0s', connect: '1s', idle: '60s', maxStreamAge: '1h' },
          },
        ],
      },
    })
  })

  it('collects findings with their place', () => {
    const spec = { hostnames: [], rules: [{ ...rule, name: 'A', weight: 1 }, rule, rule], parentRefs: [{ name: 1 }] }
    expect(parseSpec('GatewayRoute', spec)).toEqual({
      ok: false,
      issues: [
        { path: '/parentRefs/0/name', reason: 'must be of type string' },
        { path: '/hostnames', reason: 'must have at least 1 entries' },
        { path: '/rules/0/name', reason: 'does not have the required form' },
        { path: '/rules/0/weight', reason: 'is not a known field' },
        { path: '/rules/2', reason: 'is a duplicate' },
      ],
    })
  })

  it.each([null, undefined, 1, 'text', []])('refuses %j in place of a spec', (raw) => {
    expect(parseSpec('AccessPolicy', raw)).toMatchObject({ ok: false, issues: [{ path: '' }] })
  })

  it('never shows a value, nor a name that is no plain word', () => {
    const spec = { hostnames: ['S3CRET!'], '<S3CRET>': 1, rules: [{ ...rule, name: 'S3CRET', backendRefs: 'S3CRET' }] }
    const parsed = parseSpec('GatewayRoute', spec)
    expect(parsed.ok).toBe(false)
    expect(JSON.stringify(parsed)).not.toContain('S3CRET')
    expect(parsed).toMatchObject({ issues: expect.arrayContaining([{ path: '/?', reason: 'is not a known field' }]) })
  })

  it('loses no member of a selector', () => {
    const matchLabels: unknown = JSON.parse('{"a":"b","__proto__":"c"}')
    const apiKey = { from: [{ header: 'x' }], secretSelector: { matchLabels } }
    const targetRefs = [{ group: 'gatehouse.dev', kind: 'GatewayRoute', name: 'a' }]
    const parsed = parseSpec('AccessPolicy', { targetRefs, authentication: { anyOf: [{ name: 'a', apiKey }] } })
    expect(parsed.ok).toBe(false)
  })

  it('survives a spec of any depth', () => {
    const deep: unknown = JSON.parse('{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000))
    expect(parseSpec('GatewayRoute', deep).ok).toBe(false)
  })

  it('bounds what it lists', () => {
    const unknown = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`key${index}`, 1]))
    const parsed = parseSpec('GatewayRoute', { hostnames: ['a.example'], rules: [rule], ...unknown })
    expect(parsed.ok ? 0 : parsed.issues.length).toBe(64)
  })
})
