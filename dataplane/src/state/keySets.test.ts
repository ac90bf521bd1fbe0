import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../clock.ts'
import { createKeySets, type KeySetSettings } from './keySets.ts'

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwk = { kty: 'EC', crv: 'P-256', ...publicPart() }
function publicPart(): { x: string; y: string; kid: string } {
  const { x, y } = pair.publicKey.export({ format: 'jwk' })
  return { x: x!, y: y!, kid: 'k' }
}
const inline = (...keys: Extract<KeySetSettings, { type: 'Inline' }>['keys']): KeySetSettings => ({
  type: 'Inline',
  keys,
})
const remote: KeySetSettings = {
  type: 'Remote',
  uri: 'https://idp.example/jwks',
  addresses: 'Public',
  anchors: null,
  outbound: { podCIDRs: [], allowLoopback: false, deniedAddresses: [] },
}

describe('createKeySets', () => {
  it('reads an inline set', () => {
    const sets = createKeySets({ clock: systemClock, random: () => 0 })
    const { value } = sets.acquire('a', inline(jwk), 'shop')
    expect(value.find('k', 'ES256')).toHaveLength(1)
    expect(value.find(null, 'ES256')).toHaveLength(1)
    expect(value.find('k', 'RS256')).toHaveLength(0)
    expect(value.find('constructor', 'ES256')).toHaveLength(0)
    expect(value.unavailableFor()).toBeNull()
  })

  it.each([
    ['no key', inline()],
    ['no key that can verify', inline({ ...jwk, use: 'enc' })],
    ['a secret key', inline({ ...jwk, d: 'AA' })],
  ])('does not build a set with %s', (_name, settings) => {
    const sets = createKeySets({ clock: systemClock, random: () => 0 })
    expect(() => sets.acquire('a', settings, 'shop')).toThrow('no key that may be used')
  })

  it('fetches once for all snapshots that mean the same set, and ends with the last', async () => {
    let fetches = 0
    const fetch = () => {
      fetches++
      return Promise.resolve(JSON.stringify({ keys: [jwk] }))
    }
    const sets = createKeySets({ clock: systemClock, random: () => 0, fetch })
    const first = sets.acquire('a', remote, 'shop')
    const second = sets.acquire('a', remote, 'shop')
    expect(second.value).toBe(first.value)
    await first.value.renew()
    expect(fetches).toBe(1)
    first.release()
    expect(sets.acquire('a', remote, 'shop').value).toBe(second.value)
    second.release()
    second.release()
    const anew = sets.acquire('a', remote, 'shop')
    expect(anew.value).not.toBe(second.value)
    await anew.value.renew()
    expect(fetches).toBe(2)
    sets.close()
  })

  it('gives each identity a set of its own', () => {
    const sets = createKeySets({ clock: systemClock, random: () => 0, fetch: () => Promise.reject(new Error('down')) })
    expect(sets.acquire('a', remote, 'shop').value).not.toBe(sets.acquire('b', remote, 'shop').value)
    sets.close()
  })
})
