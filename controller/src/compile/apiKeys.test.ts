import { sha256, type Json } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import type { WorldObject } from '../world.ts'
import { apiKeysOf } from './apiKeys.ts'
import { worldObjectOf } from './worldOf.ts'

const base64 = (value: Json): string => Buffer.from(JSON.stringify(value)).toString('base64')
const keyHash = (key: string): string => `sha256:${sha256(key)}`

const secret = (name: string, data: Json): WorldObject =>
  worldObjectOf({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'shop' }, data }, 'Equal')!

const ids = (...secrets: WorldObject[]): readonly string[] => apiKeysOf(secrets).clients.map(({ id }) => id)

describe('apiKeysOf', () => {
  it('reads an entry with all that it may have', () => {
    const times = { notBefore: '2026-01-01T00:00:00Z', expiresAt: '2026-01-01T01:00:00+01:00' }
    const attributes = { roles: ['r'], scopes: ['s'], tenant: 't', plan: 'gold' }
    const time = Date.UTC(2026, 0, 1)
    const one = { keyHash: keyHash('a'), notBefore: time, expiresAt: time }
    expect(apiKeysOf([secret('k', { partner: base64({ keyHash: keyHash('a'), ...times, ...attributes }) })])).toEqual({
      clients: [{ id: 'partner', keys: [one], ...attributes }],
      ends: [{ at: 'Secret k /data/partner', end: time }],
      notes: [],
    })
    const two = { keys: [{ keyHash: keyHash('a'), ...times }, { keyHash: keyHash('b') }], ...attributes }
    expect(apiKeysOf([secret('k', { partner: base64(two) })]).clients).toEqual([
      { id: 'partner', keys: [one, { keyHash: keyHash('b'), notBefore: null, expiresAt: null }], ...attributes },
    ])
  })

  it.each<[string, Json]>([
    ['not base64', '%%%'],
    ['not UTF-8', Buffer.from([0xff, 0xfe]).toString('base64')],
    ['not JSON', Buffer.from('secret').toString('base64')],
    ['no text', 7],
    ['no hash', base64({})],
    ['a hash of another form', base64({ keyHash: keyHash('a').toUpperCase() })],
    ['the hash of the empty key', base64({ keyHash: keyHash('') })],
    ['an unknown field', base64({ keyHash: keyHash('a'), group: 'gold' })],
    ['an unknown field of a key', base64({ keys: [{ keyHash: keyHash('a'), role: 'r' }] })],
    ['both forms', base64({ keyHash: keyHash('a'), keys: [{ keyHash: keyHash('c') }] })],
    ['no keys', base64({ keys: [] })],
    ['three keys', base64({ keys: ['a', 'c', 'd'].map((key) => ({ keyHash: keyHash(key) })) })],
    ['one good key and the empty one', base64({ keys: [{ keyHash: keyHash('a') }, { keyHash: keyHash('') }] })],
    [
      'a field twice',
      Buffer.from(
        `{"keyHash":"${keyHash('a')}","expiresAt":"2020-01-01T00:00:00Z","expiresAt":"2099-01-01T00:00:00Z"}`,
      ).toString('base64'),
    ],
    ['a time without an offset', base64({ keyHash: keyHash('a'), expiresAt: '2026-01-01T00:00:00' })],
    ['a time without seconds', base64({ keyHash: keyHash('a'), expiresAt: '2026-01-01T00:00Z' })],
    ['a day that is none', base64({ keyHash: keyHash('a'), expiresAt: '2026-02-30T00:00:00Z' })],
    ['a date alone', base64({ keyHash: keyHash('a'), expiresAt: '2026-01-01' })],
    ['an empty plan', base64({ keyHash: keyHash('a'), plan: '' })],
    ['a time that is none', base64({ keyHash: keyHash('a'), expiresAt: 'tomorrow' })],
    ['a time as a number', base64({ keyHash: keyHash('a'), expiresAt: 0 })],
    ['roles that are no list', base64({ keyHash: keyHash('a'), roles: 'admin' })],
  ])('leaves out an entry that is %s, and it alone', (_, entry) => {
    const { clients, notes } = apiKeysOf([secret('k', { good: base64({ keyHash: keyHash('b') }), bad: entry })])
    expect(clients.map(({ id }) => id)).toEqual(['good'])
    expect(notes).toEqual([{ type: 'PartiallyInvalid', reason: 'InvalidApiKey', at: ['Secret k /data/bad'] }])
  })

  it('leaves out all that share a key or an id, within a Secret and across', () => {
    const entry = (key: string): string => base64({ keyHash: keyHash(key) })
    const one = secret('one', { a: entry('1'), b: entry('2'), c: entry('2'), d: entry('4') })
    const two = secret('two', { d: entry('5'), e: entry('1'), f: entry('6') })
    expect(ids(one, two)).toEqual(['f'])
    expect(apiKeysOf([one, two]).notes[0]).toMatchObject({ reason: 'DuplicateApiKey' })
    expect(apiKeysOf([one, two]).notes[0]?.at).toHaveLength(6)
  })

  it('leaves out a client with the same key twice, and one whose key a rotation elsewhere has too', () => {
    const pair = (...keys: string[]): string => base64({ keys: keys.map((key) => ({ keyHash: keyHash(key) })) })
    expect(ids(secret('k', { a: pair('1', '1'), b: pair('2', '3') }))).toEqual(['b'])
    expect(ids(secret('one', { a: pair('1', '2') }), secret('two', { b: pair('3', '2'), c: pair('4') }))).toEqual(['c'])
  })

  it('takes an entry that is not sound for a claim to its client id and its key all the same', () => {
    const bad = base64({ keyHash: keyHash('1'), unknown: true })
    const one = secret('one', { a: base64({ keyHash: keyHash('1') }), b: base64({ keyHash: keyHash('2') }) })
    expect(ids(one, secret('two', { c: bad }))).toEqual(['b'])
    expect(ids(one, secret('two', { b: '%%%' }))).toEqual(['a'])
  })

  it('knows when clients end, by the last of their keys', () => {
    const key = (name: string, expiresAt?: string) => ({ keyHash: keyHash(name), ...(expiresAt && { expiresAt }) })
    const [soon, late] = ['2026-01-02T00:00:00Z', '2026-01-03T00:00:00Z']
    const data = {
      never: base64(key('a')),
      late: base64(key('b', late)),
      soon: base64(key('c', soon)),
      rotating: base64({ keys: [key('d', soon), key('e', late)] }),
      renewed: base64({ keys: [key('f', soon), key('g')] }),
    }
    expect(apiKeysOf([secret('k', data)]).ends).toEqual([
      { at: 'Secret k /data/soon', end: Date.UTC(2026, 0, 2) },
      { at: 'Secret k /data/late', end: Date.UTC(2026, 0, 3) },
      { at: 'Secret k /data/rotating', end: Date.UTC(2026, 0, 3) },
    ])
  })

  it('does not depend on the order of Secrets', () => {
    const secrets = ['x', 'y', 'z'].map((name) => secret(name, { [name]: base64({ keyHash: keyHash(name) }) }))
    expect(ids(...secrets.toReversed())).toEqual(ids(...secrets))
  })
})
