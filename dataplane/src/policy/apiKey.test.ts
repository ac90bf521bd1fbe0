import { describe, expect, it } from 'vitest'
import { apiKeyProvider, verifyApiKey } from './apiKey.ts'
import { presented } from './credential.ts'
import { noon } from './policyFixture.ts'

const client = (id: string, key: string, over: object = {}) => ({
  id,
  keyHash: `sha256:${presented(key).digest}`,
  notBefore: null,
  expiresAt: null,
  roles: ['reader'],
  scopes: ['x'],
  tenant: 'acme',
  ...over,
})

const place = { object: 'shop/p/partners', level: 3 }
const asserts = { roles: ['*'], groups: [], tenants: ['acme'], plans: [] }
const provider = apiKeyProvider({ name: 'partners', asserts }, place, [
  client('one', 'key-one'),
  client('two', 'key-two', { tenant: 'other' }),
  client('later', 'key-later', { notBefore: noon + 1 }),
  client('over', 'key-over', { expiresAt: noon }),
  client('nothing', ''),
])
const verify = (key: string, now = noon) => verifyApiKey(provider.keys!, presented(key), now)

describe('verifyApiKey', () => {
  it('knows a client by the hash of its key', () => {
    expect(verify('key-one')).toEqual({
      type: 'valid',
      principal: expect.objectContaining({
        id: '["shop/p/partners","","one"]',
        provider: 'partners',
        subject: 'one',
        clientId: 'one',
        roles: ['reader'],
        tenant: 'acme',
      }) as unknown,
    })
    expect(verify('key-two')).toMatchObject({ principal: { tenant: null } })
  })

  it.each([
    '',
    ' ',
    'key-one ',
    'Key-one',
    'key-on',
    'key-three',
    presented('key-one').digest,
    `sha256:${presented('key-one').digest}`,
  ])('%j is no key', (key) => {
    expect(verify(key)).toEqual({ type: 'invalid' })
  })

  it('looks at the times with each request', () => {
    expect(verify('key-later')).toEqual({ type: 'invalid' })
    expect(verify('key-later', noon + 1)).toMatchObject({ type: 'valid' })
    expect(verify('key-over')).toEqual({ type: 'invalid' })
    expect(verify('key-over', noon - 1)).toMatchObject({ type: 'valid' })
  })

  it('has no keys when it is broken', () => {
    expect(apiKeyProvider({ name: 'partners', asserts }, place, null).keys).toBeNull()
  })
})
