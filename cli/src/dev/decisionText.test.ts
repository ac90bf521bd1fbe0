import { describe, expect, it } from 'vitest'
import { decisionText } from './decisionText.ts'

const line = {
  log: 'security',
  decision: 'refuse',
  status: 403,
  method: 'GET',
  host: 'api.shop.example',
  path: '/orders/1',
  code: 'forbidden',
  check: 'authorization',
  policy: 'shop/orders',
  item: 'acme-only',
  route: 'shop/orders',
  rule: 'read',
  requestId: 'id-1',
}

describe('decisionText', () => {
  it('is one line with method, path, code, policy, rule and request id', () => {
    expect(decisionText(line)).toBe(
      '403  GET  api.shop.example/orders/1  forbidden (authorization)  policy shop/orders/acme-only  route shop/orders/read  id id-1',
    )
    expect(decisionText({ ...line, decision: 'permit', status: 200, code: null, check: null })).toContain('200  GET')
    expect(decisionText({ status: 400 })).toBe('400  -  refused  policy -  route -  id -')
  })

  it('cannot be broken by what a client sends', () => {
    const text = decisionText({ ...line, path: '/\u001b[2K\n403', method: 'G\u009bT', requestId: 'a\u2028b' })
    expect(text).toContain('/\\u001b[2K\\u000a403')
    expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028]/)
  })
})
