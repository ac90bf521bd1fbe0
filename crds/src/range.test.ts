import { describe, expect, it } from 'vitest'
import { isRange } from './range.ts'

describe('isRange', () => {
  it.each([
    '10.0.0.0/8',
    '0.0.0.0/0',
    '255.255.255.255/32',
    '::/0',
    'fd00::/8',
    '::ffff:10.0.0.0/104',
    '2001:DB8::1/128',
  ])('takes %s', (range) => {
    expect(isRange(range)).toBe(true)
  })

  it.each([
    '',
    '10.0.0.0',
    '10.0.0/8',
    '256.0.0.0/8',
    '010.0.0.0/8',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '1::2::3/64',
    'fd00::/129',
    ':/0',
    '::ffff:10.0.0.0/8',
    '::ffff:a00:0/8',
    'fe80::1%eth0/64',
    '[::1]/64',
  ])('refuses %s', (range) => {
    expect(isRange(range)).toBe(false)
  })
})
