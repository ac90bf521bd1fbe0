import { describe, expect, it } from 'vitest'
import { askedOf, nearestOf } from './nearest.ts'

const endpoint = (zones: string[] = [], draining = false) => ({ zones, draining })

describe('what is about to end', () => {
  it('is not asked while something lasts', () => {
    expect(askedOf([endpoint(), endpoint([], true), endpoint()])).toEqual([0, 2])
  })

  it('is asked when there is nothing else', () => {
    expect(askedOf([endpoint([], true), endpoint([], true)])).toEqual([0, 1])
    expect(askedOf([])).toEqual([])
  })
})

describe('what is meant for a zone', () => {
  const hinted = [endpoint(['west']), endpoint(['east']), endpoint(['east', 'west'])]
  const nearest = (endpoints: ReturnType<typeof endpoint>[], zone: string | null) =>
    nearestOf(endpoints, [...endpoints.keys()], zone)

  it('is asked in that zone alone', () => {
    expect(nearest(hinted, 'west')).toEqual([0, 2])
    expect(nearest(hinted, 'east')).toEqual([1, 2])
  })

  it('is looked for only among those that are asked', () => {
    expect(nearestOf([...hinted, endpoint()], [0, 1], 'west')).toEqual([0])
  })

  it.each<[string, ReturnType<typeof endpoint>[], string | null]>([
    ['the zone is not known', hinted, null],
    ['nothing is for the zone', hinted, 'north'],
    ['one does not say', [...hinted, endpoint()], 'west'],
    ['there is nothing', [], 'west'],
  ])('makes no difference where %s', (_, endpoints, zone) => {
    expect(nearest(endpoints, zone)).toEqual([...endpoints.keys()])
  })
})
