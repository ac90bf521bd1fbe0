import { describe, expect, it } from 'vitest'
import type { SourceIPs } from '@gatehouse/contract'
import { refusedSource, sourceRanges, type SourceCheck } from './sourceAddresses.ts'

const check = (policy: string, spec: Partial<SourceIPs>): SourceCheck => {
  const ranges = sourceRanges({ allow: [], deny: [], broken: false, ...spec })
  if (ranges === 'broken') throw new Error('broken')
  return { ...ranges, policy, level: 3 }
}
const refusedBy = (address: string, ...checks: SourceCheck[]) => refusedSource(checks, address)?.policy ?? null

describe('refusedSource', () => {
  it.each([
    ['10.1.2.3', null],
    ['10.1.9.9', 'deny'],
    ['192.0.2.1', 'allow'],
    ['2001:db8::1', null],
    ['::1', 'allow'],
    ['nonsense', 'allow'],
    ['', 'allow'],
  ])('judges %s: %s', (address, expected) => {
    const allow = check('allow', { allow: ['10.0.0.0/8', '2001:db8::/32'] })
    const deny = check('deny', { deny: ['10.1.9.0/24'] })
    expect(refusedBy(address, allow, deny)).toBe(expected)
  })

  it('lets any address pass an empty allow', () => {
    expect(refusedBy('192.0.2.1', check('p', { deny: ['198.51.100.0/24'] }))).toBeNull()
  })

  it('intersects what policies allow', () => {
    const wide = check('wide', { allow: ['10.0.0.0/8'] })
    const narrow = check('narrow', { allow: ['10.1.0.0/16', '192.0.2.0/24'] })
    expect(refusedBy('10.1.0.1', wide, narrow)).toBeNull()
    expect(refusedBy('10.2.0.1', wide, narrow)).toBe('narrow')
    expect(refusedBy('192.0.2.1', wide, narrow)).toBe('wide')
  })

  it('puts deny above allow in one policy', () => {
    expect(refusedBy('10.1.0.1', check('p', { allow: ['10.0.0.0/8'], deny: ['10.1.0.0/16'] }))).toBe('p')
  })

  it('reads a range over IPv4-mapped addresses as the IPv4 range', () => {
    expect(refusedBy('10.1.0.1', check('p', { deny: ['::ffff:10.1.0.0/112'] }))).toBe('p')
    expect(refusedBy('10.2.0.1', check('p', { deny: ['::ffff:10.1.0.0/112'] }))).toBeNull()
  })

  it.each(['10.0.0.0', '10.0.0.0/33', '010.0.0.0/8', '::ffff:10.0.0.0/8', 'x/8', ''])('is broken by %s', (range) => {
    expect(sourceRanges({ allow: [], deny: [range], broken: false })).toBe('broken')
    expect(sourceRanges({ allow: [range], deny: [], broken: false })).toBe('broken')
  })
})
