import { describe, expect, it } from 'vitest'
import { prefixOf, restrictingRanges, soundRanges } from './ranges.ts'

describe('lists of ranges', () => {
  it('loses what is no range, and says where it was', () => {
    const { ranges, notes } = soundRanges(['10.0.0.0/8', 'x', '::/0'], '/spec/r')
    expect(ranges).toEqual(['10.0.0.0/8', '::/0'])
    expect(notes).toEqual([{ type: 'PartiallyInvalid', reason: 'InvalidRange', at: ['/spec/r/1'] }])
  })

  it('that restricts never becomes "anywhere"', () => {
    expect(restrictingRanges(['x'], '/spec/r').ranges).toEqual(['::/128'])
    expect(restrictingRanges([], '/spec/r').ranges).toEqual([])
  })
})

describe('prefixOf', () => {
  it.each([
    ['10.0.0.0/8', '4:00001010'],
    ['10.255.0.0/8', '4:00001010'],
    ['0.0.0.0/0', '4:'],
    ['192.0.2.1/32', '4:11000000000000000000001000000001'],
    ['::ffff:10.0.0.0/104', '4:00001010'],
    ['::/0', '16:'],
    ['2001:db8::/32', '16:00100000000000010000110110111000'],
    ['1::/17', '16:00000000000000010'],
  ])('of %s is %s', (range, prefix) => {
    expect(prefixOf(range)).toBe(prefix)
  })
})
