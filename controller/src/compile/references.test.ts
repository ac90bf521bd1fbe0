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

  it('names the object that is not there, and what one that is there lacks', () => {
    const metadata = { namespace: 'shop', name: 'empty' }
    const world = worldOf([{ apiVersion: 'v1', kind: 'ConfigMap', metadata }], 'Equal')
    const from = (missing: 'RefNotFound' | 'NotInFolder') =>
      referencesOf(world, { kind: 'AccessPolicy', namespace: 'shop' }, missing)
    const none = (reason: string, where: string) => ({ ok: false, reason, where })
    expect(from('RefNotFound').keySet('shop', 'keys', 'jwks')).toEqual(none('RefNotFound', 'ConfigMap shop/keys'))
    expect(from('NotInFolder').keyPair('shop', 'tls')).toEqual(none('NotInFolder', 'Secret shop/tls'))
    expect(from('NotInFolder').keySet('shop', 'empty', 'jwks')).toEqual(none('RefNotFound', 'it has no such key'))
    expect(from('NotInFolder').anchors('shop', 'empty')).toEqual(none('RefNotFound', 'it has no key ca.crt'))
  })

  it('says nothing of what may not be referred to', () => {
    const metadata = { namespace: 'other', name: 'keys' }
    const world = worldOf([{ apiVersion: 'v1', kind: 'ConfigMap', metadata }], 'Equal')
    const references = referencesOf(world, { kind: 'AccessPolicy', namespace: 'shop' }, 'RefNotFound')
    const none = { ok: false, reason: 'RefNotPermitted', where: null }
    expect(references.keySet('other', 'keys', 'jwks')).toEqual(none)
    expect(references.keySet('other', 'gone', 'jwks')).toEqual(none)
  })
})
