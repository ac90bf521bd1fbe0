import { describe, expect, it } from 'vitest'
import { assembled, nothingAssembled, reassembled } from './assembly.ts'
import { sealOnce, type Sealed } from './seal.ts'

const sealed = (name: string, anchor: string): Sealed =>
  sealOnce(null, { kind: 'trust', name, spec: { anchors: [anchor] } })

const [one, other, third] = [sealed('a', '1'), sealed('a', '2'), sealed('b', '1')]

describe('the resources of several sources', () => {
  it('of one key are those of the later source, and the clash is known', () => {
    const all = assembled([[one], [other, third]], nothingAssembled)
    expect(all).toMatchObject({ set: [other, third], clashes: true })
  })

  it('cannot be made from what there was before when a key becomes that of two', () => {
    const before = assembled([[one], [third]], nothingAssembled)
    expect(reassembled(before, [{ before: [third], after: [other, third] }])).toBeNull()
    expect(
      reassembled(before, [
        { before: [one], after: [] },
        { before: [third], after: [other, third] },
      ]),
    ).toBeNull()
    const both = [
      { before: [], after: [one] },
      { before: [], after: [other] },
    ]
    expect(reassembled(nothingAssembled, both)).toBeNull()
    expect(assembled([[], [other, third]], before)).toMatchObject({ set: [other], removed: [], clashes: false })
  })

  it('are the same when nothing differs', () => {
    const before = assembled([[one], [third]], nothingAssembled)
    expect(reassembled(before, [{ before: [one], after: [sealed('a', '1')] }])?.all).toBe(before.all)
  })
})
