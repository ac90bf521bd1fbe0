import { kinds, mergeKinds } from '@gatehouse/crds'
import { describe, expect, it } from 'vitest'
import { narrowestFields } from './access.ts'

describe('accessOf', () => {
  it('knows every field of which the narrowest wins', () => {
    const wanted = [...mergeKinds(kinds.AccessPolicy.spec, '/spec')].flatMap(([field, kind]) =>
      kind === 'Narrowest' ? [field.replaceAll('.', '/')] : [],
    )
    expect(narrowestFields.toSorted()).toEqual(wanted.toSorted())
  })
})
