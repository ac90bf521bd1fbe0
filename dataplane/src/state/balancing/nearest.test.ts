import { describe, expect, it } from 'vitest'
import { asked, nearest } from './nearest.ts'

const endpoint = (name: string, zones: string[] = [], draining = false) => ({ name, zones, draining })
const names = (endpoints: readonly { readonly name: string }[]): string => endpoints.map(({ name }) => name).join('')

describe('what is about to end', () => {
  it('is not asked while something lasts', () => {
    expect(names(asked([endpoint('a'), endpoint('b', [], true), endpoint('c')]))).toBe('ac')
  })

  it('is asked when there is nothing else', () => {
    expect(names(asked([endpoint('a', [], true), endpoint('b', [], true)]))).toBe('ab')
    expect(asked([])).toEqual([])
  })
})

describe('what is meant for a zone', () => {
  const hinted = [endpoint('a', ['west']), endpoint('b', ['east']), endpoint('c', ['east', 'west'])]

  it('is asked in that zone alone', () => {
    expect(names(nearest(hinted, 'west'))).toBe('ac')
    expect(names(nearest(hinted, 'east'))).toBe('bc')
  })

  it.each<[string, ReturnType<typeof endpoint>[], string | null]>([
    ['the zone is not known', hinted, null],
    ['nothing is for the zone', hinted, 'north'],
    ['one does not say', [...hinted, endpoint('d')], 'west'],
    ['there is nothing', [], 'west'],
  ])('makes no difference where %s', (_, endpoints, zone) => {
    expect(nearest(endpoints, zone)).toBe(endpoints)
  })
})
