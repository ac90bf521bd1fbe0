import { describe, expect, it } from 'vitest'
import { covers, overlaps } from './hostnames.ts'
import { tenancyOf } from './tenancy.ts'

describe('covers', () => {
  it.each([
    ['a.example', 'a.example', true],
    ['*.example', 'a.example', true],
    ['*.example', 'a.b.example', true],
    ['*.example', '*.b.example', true],
    ['*.example', '*.example', true],
    ['*.example', 'example', false],
    ['*.example', 'aexample', false],
    ['a.example', '*.example', false],
    ['*.b.example', '*.example', false],
  ])('%s over %s is %s', (pattern, inner, expected) => {
    expect(covers(pattern, inner)).toBe(expected)
  })

  it('overlaps in either direction', () => {
    expect(overlaps('a.example', '*.example')).toBe(true)
    expect(overlaps('*.a.example', '*.b.example')).toBe(false)
  })
})

describe('tenancy', () => {
  const shared = tenancyOf({
    tenancy: 'Shared',
    hosts: [
      { pattern: '*.shop.example', namespaces: ['shop'] },
      { pattern: '*.pay.shop.example', namespaces: ['pay'] },
      { pattern: 'www.shop.example', namespaces: ['web', 'docs'] },
    ],
  })

  it.each([
    ['shop', 'api.shop.example', true],
    ['shop', '*.shop.example', true],
    ['shop', 'shop.example', false],
    ['shop', 'api.pay.shop.example', false],
    ['pay', 'api.pay.shop.example', true],
    ['pay', '*.pay.shop.example', true],
    ['pay', 'pay.shop.example', false],
    ['shop', 'pay.shop.example', true],
    ['shop', 'www.shop.example', false],
    ['docs', 'www.shop.example', true],
    ['shop', 'other.example', false],
    ['shop', '*.example', false],
  ])('lets the most specific binding alone decide: %s may serve %s is %s', (namespace, hostname, expected) => {
    expect(shared(namespace, hostname)).toBe(expected)
  })

  it('is one trust domain with Single', () => {
    expect(tenancyOf({ tenancy: 'Single' })('any', 'any.example')).toBe(true)
  })

  it('serves nothing with Shared and no binding', () => {
    expect(tenancyOf({ tenancy: 'Shared' })('any', 'any.example')).toBe(false)
  })
})
