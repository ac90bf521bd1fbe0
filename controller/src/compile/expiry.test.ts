import { describe, expect, it } from 'vitest'
import { expiryFindings, expiryWord, soonestEnds } from './expiry.ts'

const now = Date.UTC(2026, 0, 1)
const day = 86_400_000
const ending = (name: string, end: number, provider = 'partners') => ({ provider, at: `Secret k /data/${name}`, end })

describe('expiryFindings', () => {
  it.each([
    ['over for a millisecond', now, ['KeysExpired']],
    ['in its last millisecond', now + 1, ['KeysExpiring']],
    ['in seven days', now + 7 * day, ['KeysExpiring']],
    ['in seven days and a millisecond', now + 7 * day + 1, []],
  ])('of a key %s', (_, end, types) => {
    expect(expiryFindings([ending('a', end)], now).map(({ type }) => type)).toEqual(types)
  })

  it('names the entries, each under what is true of it', () => {
    const findings = expiryFindings(
      [ending('over', now - day), ending('soon', now + day), ending('far', now + 90 * day)],
      now,
    )
    expect(findings).toMatchObject([
      {
        type: 'KeysExpiring',
        status: 'True',
        reason: 'ApiKeyExpiring',
        message: expect.stringMatching(/: Secret k \/data\/soon$/) as unknown,
      },
      {
        type: 'KeysExpired',
        status: 'True',
        reason: 'ApiKeyExpired',
        message: expect.stringMatching(/: Secret k \/data\/over$/) as unknown,
      },
    ])
    expect(expiryFindings([], now)).toEqual([])
  })

  it('changes only when its word does', () => {
    const all = [ending('a', now + day), ending('b', now + 8 * day), ending('c', now + 9 * day)]
    let before: { readonly word: string; readonly findings: string } | null = null
    for (let time = now - day; time < now + 10 * day; time += day / 4) {
      const after = { word: expiryWord(all, time), findings: JSON.stringify(expiryFindings(all, time)) }
      if (before?.word === after.word) expect(after.findings).toBe(before.findings)
      before = after
    }
  })
})

describe('soonestEnds', () => {
  it('is the next of each provider, and none of what is over', () => {
    const all = [
      ending('a', now),
      ending('c', now + 2),
      ending('b', now + 1),
      ending('d', now + 3, 'more'),
      ending('e', now, 'past'),
    ]
    expect([...soonestEnds(all, now)]).toEqual([
      ['partners', now + 1],
      ['more', now + 3],
    ])
  })
})
