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
    const entry = {
      keyHash: keyHash('a'),
      notBefore: '2026-01-01T00:00:00Z',
      expiresAt: '2026-01-01T01:00:00+01:00',
      roles: ['r'],
      scopes: ['s'],
      tenant: 't',
    }
    const time = Date.UTC(2026, 0, 1)
    expect(apiKeysOf([secret('k', { partner: base64(entry) })])).toMatchObject({
      clients: [{ ...entry, id: 'partner', notBefore: time, expiresAt: time }],
      notes: [],
    })
  })

  it.each<[string, Json]>([
    ['not base64', '%%%'],
    ['not UTF-8', Buffer.from([0xff, 0xfe]).toString('base64')],
    ['not JSON', Buffer.from('secret').toString('base64')],
    ['no text', 7],
    ['no hash', base64({})],
    ['a hash of another form', base64({ keyHash: keyHash('a').toUpperCase() })],
    ['the hash of the empty key', base64({ keyHash: keyHash('') })],
    ['an unknown field', base64({ keyHash: keyHash('a'), plan: 'gold' })],
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

  it('does not depend on the order of Secrets', () => {
    const secrets = ['x', 'y', 'z'].map((name) => secret(name, { [name]: base64({ keyHash: keyHash(name) }) }))
    expect(ids(...secrets.toReversed())).toEqual(ids(...secrets))
  })
})
