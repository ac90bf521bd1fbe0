import { describe, expect, it } from 'vitest'
import { apiKeyProvider, verifyApiKey } from './apiKey.ts'
import { presented } from './credential.ts'
import { noon } from './policyFixture.ts'

const keyOf = (key: string, times: { notBefore?: number; expiresAt?: number } = {}) => ({
  keyHash: `sha256:${presented(key).digest}`,
  notBefore: times.notBefore ?? null,
  expiresAt: times.expiresAt ?? null,
})

const client = (id: string, keys: ReturnType<typeof keyOf>[], over: { tenant?: string; plan?: string } = {}) => ({
  id,
  keys,
  roles: ['reader'],
  scopes: ['x'],
  tenant: over.tenant ?? 'acme',
  plan: over.plan ?? 'gold',
})

const place = { object: 'shop/p/partners', level: 3 }
const asserts = { roles: ['*'], groups: [], tenants: ['acme'], plans: ['gold'] }
const provider = apiKeyProvider({ name: 'partners', asserts }, place, [
  client('one', [keyOf('key-one')]),
  client('two', [keyOf('key-two')], { tenant: 'other', plan: 'platinum' }),
  client('later', [keyOf('key-later', { notBefore: noon + 1 })]),
  client('over', [keyOf('key-over', { expiresAt: noon })]),
  client('rotating', [keyOf('key-old', { expiresAt: noon + 1 }), keyOf('key-new')]),
  client('nothing', [keyOf('')]),
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
        plan: 'gold',
      }) as unknown,
    })
    expect(verify('key-two')).toMatchObject({ principal: { tenant: null, plan: null } })
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
    expect(verify(key)).toEqual({ type: 'invalid', forged: true })
  })

  it('looks at the times with each request', () => {
    expect(verify('key-later')).toEqual({ type: 'invalid', forged: false })
    expect(verify('key-later', noon + 1)).toMatchObject({ type: 'valid' })
    expect(verify('key-over')).toEqual({ type: 'invalid', forged: false })
    expect(verify('key-over', noon - 1)).toMatchObject({ type: 'valid' })
  })

  it('knows a client by each of its keys, for as long as that key is valid', () => {
    expect(verify('key-old')).toMatchObject({ principal: { subject: 'rotating', expiresAt: noon + 1 } })
    expect(verify('key-new')).toMatchObject({ principal: { subject: 'rotating', expiresAt: null } })
    expect(verify('key-old', noon + 1)).toEqual({ type: 'invalid', forged: false })
    expect(verify('key-new', noon + 1)).toMatchObject({ principal: { subject: 'rotating' } })
  })

  it('has no keys when it is broken', () => {
    expect(apiKeyProvider({ name: 'partners', asserts }, place, null).keys).toBeNull()
  })
})
