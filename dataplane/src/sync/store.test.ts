import { describe, expect, it } from 'vitest'
import { revisionOf, seal, snapshotOf, type Resource, type Snapshot, type Update } from '@gatehouse/contract'
import { applyUpdate, type Applied } from './store.ts'

const installation = 'gatehouse-system/edge'
const endpoints = (name: string, port: number): Resource => ({
  kind: 'endpoints',
  name,
  spec: { addresses: [{ address: '10.0.0.1', port }] },
})
const a = seal(endpoints('shop/a:80', 1))
const b = seal(endpoints('shop/b:80', 2))
const held = snapshotOf([a, b])

function full(resources = [a, b], extra: Record<string, unknown> = {}): Record<string, unknown> {
  const update: Update = {
    type: 'update',
    installation,
    sequence: 1,
    base: null,
    revision: revisionOf(resources),
    complete: true,
    set: resources,
    removed: [],
  }
  return { ...update, ...extra }
}

const apply = (message: unknown, snapshot: Snapshot | null = null, sequence = 0): Applied =>
  applyUpdate(typeof message === 'string' ? message : JSON.stringify(message), { snapshot, sequence }, installation)

function snapshotFrom(applied: Applied): Snapshot {
  if (applied.outcome === 'nack') throw new Error(`nack ${applied.reason}`)
  return applied.snapshot
}

describe('applyUpdate', () => {
  it('takes everything when the base is null', () => {
    const snapshot = snapshotFrom(apply(full()))
    expect(snapshot.revision).toBe(held.revision)
    expect([...snapshot.resources.keys()]).toEqual(['endpoints/shop/a:80', 'endpoints/shop/b:80'])
  })

  it('applies a difference and keeps the identity of what did not change', () => {
    const changed = seal(endpoints('shop/b:80', 3))
    const message = full([changed], { base: held.revision, revision: revisionOf([a, changed]), sequence: 5 })
    const applied = apply(message, held, 4)
    const snapshot = snapshotFrom(applied)
    expect(applied.sequence).toBe(5)
    expect(snapshot.resources.get('endpoints/shop/a:80')).toBe(a)
    expect(snapshot.resources.get('endpoints/shop/b:80')).toEqual(changed)
  })

  it('keeps the identity of equal resources also when everything is sent again', () => {
    expect(snapshotFrom(apply(full(), held)).resources.get('endpoints/shop/a:80')).toBe(a)
  })

  it('drops removed keys', () => {
    const message = full([], { base: held.revision, revision: revisionOf([b]), removed: ['endpoints/shop/a:80'] })
    expect([...snapshotFrom(apply(message, held)).resources.keys()]).toEqual(['endpoints/shop/b:80'])
  })

  it('accepts an empty snapshot', () => {
    expect(snapshotFrom(apply(full([]))).resources.size).toBe(0)
  })

  it('hashes a member called __proto__ as it was sent', () => {
    const text = JSON.stringify(full([a])).replace('"spec":{', '"spec":{"__proto__":{"x":1},')
    expect(apply(text)).toMatchObject({ outcome: 'nack', reason: 'HashMismatch' })
  })

  it.each<[string, unknown, string]>([
    ['text that is no JSON', '{"type":"upd', 'Malformed'],
    ['JSON that is no object', '[]', 'Malformed'],
    ['another type', full([a], { type: 'snapshot' }), 'Malformed'],
    ['a missing field', full([a], { complete: undefined }), 'Malformed'],
    ['an incomplete snapshot', full([a], { complete: false }), 'Malformed'],
    ['an unknown field in the envelope', full([a], { term: 1 }), 'UnknownField'],
    ['an unknown field beside a resource', full([a], { set: [{ ...a, extra: 1 }] }), 'UnknownField'],
    ['an unknown field and a fault', full([a], { term: 1, sequence: 'x' }), 'Malformed'],
    ['another installation', full([a], { installation: 'other/edge' }), 'WrongInstallation'],
    ['a skipped sequence', full([a], { sequence: 2 }), 'WrongSequence'],
    ['an unknown base', full([a], { base: '0'.repeat(64) }), 'UnknownBase'],
    ['a wrong resource hash', full([{ ...a, hash: b.hash }]), 'HashMismatch'],
    ['a changed spec', full([a], { set: [{ ...a, spec: { addresses: [] } }] }), 'HashMismatch'],
    ['a wrong revision', full([a], { revision: held.revision }), 'RevisionMismatch'],
    ['the same resource twice', full([a], { set: [a, a] }), 'Malformed'],
    ['a removed key that is not there', full([a], { removed: ['route/shop/none'] }), 'Malformed'],
  ])('nacks %s', (_, message, reason) => {
    expect(apply(message)).toMatchObject({ outcome: 'nack', reason })
  })

  it('nacks a replayed sequence, and a key both set and removed', () => {
    expect(apply(full(), held, 1)).toMatchObject({ outcome: 'nack', reason: 'WrongSequence', sequence: 1 })
    expect(apply(full([a], { sequence: 3 }), held, 1)).toMatchObject({ reason: 'WrongSequence', sequence: 3 })
    const both = full([a], { base: held.revision, revision: held.revision, removed: ['endpoints/shop/a:80'] })
    expect(apply(both, held)).toMatchObject({ outcome: 'nack', reason: 'Malformed' })
  })

  it('moves on with a refused update in sequence, and says which revision it was', () => {
    expect(apply(full([a], { term: 1 }))).toMatchObject({ sequence: 1, revision: revisionOf([a]) })
    expect(apply('torn')).toMatchObject({ sequence: 1, revision: null })
  })

  it('survives nesting that exhausts the stack', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    expect(apply(JSON.stringify(full([a])).replace('"spec":{', `"spec":{"x":${deep},`))).toMatchObject({
      outcome: 'nack',
      reason: 'Malformed',
    })
  })
})
