import { describe, expect, it, vi } from 'vitest'
import { referencesOf } from './references.ts'
import { worldOf } from './worldOf.ts'

describe('referencesOf', () => {
  it('reads a key set that is none once, however often it is named', () => {
    const metadata = { namespace: 'shop', name: 'keys' }
    const world = worldOf([{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { jwks: '{"keys":[{}' } }], 'Equal')
    const parse = vi.spyOn(JSON, 'parse')
    for (let times = 0; times < 3; times++) {
      const found = referencesOf(world, { kind: 'AccessPolicy', namespace: 'shop' }, 'RefNotFound').keySet(
        'shop',
        'keys',
        'jwks',
      )
      expect(found).toEqual({ ok: false, reason: 'InvalidKeySet', where: null })
    }
    expect(parse).toHaveBeenCalledTimes(1)
    parse.mockRestore()
  })
})
