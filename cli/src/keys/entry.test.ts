import { describe, expect, it } from 'vitest'
import { created, revoked, rotated, withoutOld } from './entry.ts'
import { hashOf } from './newKey.ts'

const now = Date.UTC(2026, 0, 10)
const hour = 3_600_000
const begin = '2026-01-09T23:59:00Z'
const none = { roles: [], scopes: [] }
const key = (name: string, expiresAt: number | null = null) => ({ key: name, now, expiresAt })
const text = (value: object): string => JSON.stringify(value)
const parsed = (value: string | null): unknown => JSON.parse(value ?? 'null')

describe('created', () => {
  it('is one key and what it was given', () => {
    const attributes = { roles: ['reader'], scopes: ['a', 'b'], tenant: 'acme', plan: 'gold' }
    expect(parsed(created('acme', key('k', now + hour), attributes)(null))).toEqual({
      keyHash: hashOf('k'),
      notBefore: begin,
      expiresAt: '2026-01-10T01:00:00Z',
      ...attributes,
    })
    expect(parsed(created('acme', key('k'), none)(null))).toEqual({ keyHash: hashOf('k'), notBefore: begin })
  })

  it.each(['', '{}', text({ keyHash: hashOf('old') })])('never takes the place of %j', (before) => {
    expect(() => created('acme', key('k'), none)(before)).toThrow('there is a client acme already')
  })
})

describe('rotated', () => {
  const fresh = { keyHash: hashOf('k'), notBefore: begin }

  it('leaves the old key for the overlap, behind nothing that it had', () => {
    const before = text({ keyHash: hashOf('old'), roles: ['reader'], tenant: 'acme' })
    expect(parsed(rotated('acme', key('k'), 24 * hour)(before))).toEqual({
      keys: [{ keyHash: hashOf('old'), expiresAt: '2026-01-11T00:00:00Z' }, fresh],
      roles: ['reader'],
      tenant: 'acme',
    })
  })

  it('lets no old key live longer than it would have', () => {
    const before = text({ keyHash: hashOf('old'), expiresAt: '2026-01-10T00:30:00Z' })
    expect(parsed(rotated('acme', key('k'), hour)(before))).toMatchObject({
      keys: [{ expiresAt: '2026-01-10T00:30:00Z' }, fresh],
    })
  })

  it('drops what has expired, and with no overlap all', () => {
    const expired = { keyHash: hashOf('older'), expiresAt: '2026-01-10T00:00:00Z' }
    const pair = text({ keys: [expired, { keyHash: hashOf('old') }] })
    expect(parsed(rotated('acme', key('k'), hour)(pair))).toMatchObject({ keys: [{ keyHash: hashOf('old') }, fresh] })
    expect(parsed(rotated('acme', key('k'), hour)(text(expired)))).toEqual(fresh)
    expect(parsed(rotated('acme', key('k'), 0)(pair))).toEqual(fresh)
  })

  it('never makes a third live key', () => {
    const pair = text({ keys: [{ keyHash: hashOf('a') }, { keyHash: hashOf('b'), expiresAt: '2027-01-01T00:00:00Z' }] })
    expect(() => rotated('acme', key('k'), hour)(pair)).toThrow('acme has two live keys')
  })

  it('needs a client with a sound entry', () => {
    expect(() => rotated('acme', key('k'), hour)(null)).toThrow('there is no client acme')
    expect(() => rotated('acme', key('k'), hour)('{}')).toThrow('the entry of acme is not sound')
  })
})

describe('revoked', () => {
  it('takes the client away, sound or not', () => {
    for (const before of ['', '{}', text({ keyHash: hashOf('old') })]) expect(revoked('acme')(before)).toBeNull()
    expect(() => revoked('acme')(null)).toThrow('there is no client acme')
  })
})

describe('withoutOld', () => {
  it('leaves the newest key alone', () => {
    const pair = text({ keys: [{ keyHash: hashOf('a') }, { keyHash: hashOf('b') }], plan: 'gold' })
    expect(parsed(withoutOld('acme')(pair))).toEqual({ keyHash: hashOf('b'), plan: 'gold' })
    expect(() => withoutOld('acme')(text({ keyHash: hashOf('a') }))).toThrow('acme has only one key')
  })
})
