import { describe, expect, it } from 'vitest'
import { revisionOf, seal, snapshotOf, type Resource, type SignedRevision, type Snapshot } from '@gatehouse/contract'
import { atOnce } from '../slices.ts'
import { applyUpdate, type Applied, type Expected } from './store.ts'

const installation = 'gatehouse-system/edge'
const endpoints = (name: string, port: number): Resource => ({
  kind: 'endpoints',
  name,
  spec: { addresses: [{ address: '10.0.0.1', port, zones: [], draining: false }] },
})
const a = seal(endpoints('shop/a:80', 1))
const b = seal(endpoints('shop/b:80', 2))
const held = snapshotOf([a, b])

const sound = 'A'.repeat(86)
const wrong = 'B'.repeat(86)
const expected: Expected = { installation, isSigned: ({ signature }) => signature === sound }

const statement = (over: Partial<SignedRevision> = {}): SignedRevision => ({
  installation,
  term: 3,
  sequence: 7,
  revision: held.revision,
  issuedAt: 1000,
  signature: sound,
  ...over,
})

const full = (resources = [a, b], extra: Record<string, unknown> = {}): Record<string, unknown> => ({
  type: 'update',
  ...statement({ revision: revisionOf(resources) }),
  base: null,
  complete: true,
  set: resources,
  removed: [],
  ...extra,
})

const apply = (message: unknown, snapshot: Snapshot | null = null, last: SignedRevision | null = null): Applied =>
  atOnce(applyUpdate(typeof message === 'string' ? message : JSON.stringify(message), { snapshot, last }, expected))

function snapshotFrom(applied: Applied): Snapshot {
  if (applied.outcome === 'nack') throw new Error(`nack ${applied.reason}`)
  return applied.snapshot
}

describe('applyUpdate', () => {
  it('takes everything when the base is null', () => {
    const applied = apply(full())
    const snapshot = snapshotFrom(applied)
    expect(snapshot.revision).toBe(held.revision)
    expect([...snapshot.resources.keys()]).toEqual(['endpoints/shop/a:80', 'endpoints/shop/b:80'])
    expect(applied).toMatchObject({ signed: statement(), last: statement() })
  })

  it('applies a difference and keeps the identity of what did not change', () => {
    const changed = seal(endpoints('shop/b:80', 3))
    const message = full([changed], { base: held.revision, revision: revisionOf([a, changed]) })
    const snapshot = snapshotFrom(apply(message, held))
    expect(snapshot.resources.get('endpoints/shop/a:80')).toBe(a)
    expect(snapshot.resources.get('endpoints/shop/b:80')).toEqual(changed)
  })

  it('keeps what it holds when nothing differs', () => {
    expect(snapshotFrom(apply(full([], { base: held.revision, revision: held.revision }), held))).toBe(held)
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
    ['a missing signature', full([a], { signature: undefined }), 'Malformed'],
    ['an incomplete snapshot', full([a], { complete: false }), 'Malformed'],
    ['an unknown field in the envelope', full([a], { epoch: 1 }), 'UnknownField'],
    ['an unknown field beside a resource', full([a], { set: [{ ...a, extra: 1 }] }), 'UnknownField'],
    ['an unknown field and a fault', full([a], { epoch: 1, sequence: 'x' }), 'Malformed'],
    ['a term that no number holds exactly', full([a], { term: 2 ** 53 }), 'Malformed'],
    ['a wrong signature', full([a], { signature: wrong }), 'BadSignature'],
    ['a wrong signature before all else', full([a], { signature: wrong, installation: 'other/edge' }), 'BadSignature'],
    ['another installation', full([a], { installation: 'other/edge' }), 'WrongInstallation'],
    ['an unknown base', full([a], { base: '0'.repeat(64) }), 'UnknownBase'],
    ['a wrong resource hash', full([{ ...a, hash: b.hash }]), 'HashMismatch'],
    ['a changed spec', full([a], { set: [{ ...a, spec: { addresses: [] } }] }), 'HashMismatch'],
    ['a wrong revision', full([a], { revision: held.revision }), 'RevisionMismatch'],
    ['the same resource twice', full([a], { set: [a, a] }), 'Malformed'],
    ['a removed key that is not there', full([a], { removed: ['route/shop/none'] }), 'Malformed'],
  ])('nacks %s', (_, message, reason) => {
    expect(apply(message)).toMatchObject({ outcome: 'nack', reason })
  })

  it('nacks a key both set and removed', () => {
    const both = full([a], { base: held.revision, revision: held.revision, removed: ['endpoints/shop/a:80'] })
    expect(apply(both, held)).toMatchObject({ outcome: 'nack', reason: 'Malformed' })
  })

  it('says which revision it was', () => {
    expect(apply(full([a], { epoch: 1 }))).toMatchObject({ revision: revisionOf([a]) })
    expect(apply('torn')).toMatchObject({ revision: null })
  })

  it('survives nesting that exhausts the stack', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    expect(apply(JSON.stringify(full([a])).replace('"spec":{', `"spec":{"x":${deep},`))).toMatchObject({
      outcome: 'nack',
      reason: 'Malformed',
    })
  })
})

describe('the order of statements', () => {
  const last = statement()

  it.each<[string, Record<string, unknown>, string]>([
    ['an earlier term', { term: 2, sequence: 99 }, 'StaleTerm'],
    ['an earlier publication of the term', { sequence: 6 }, 'StaleSequence'],
    ['another revision as the same publication', { set: [a], revision: revisionOf([a]) }, 'RevisionConflict'],
  ])('refuses %s, and believes what it believed', (_, over, reason) => {
    expect(apply(full([a, b], over), held, last)).toMatchObject({ outcome: 'nack', reason, last })
  })

  it.each<[string, Record<string, unknown>]>([
    ['the same again', {}],
    ['the same revision, published again', { sequence: 8 }],
    ['the first of a later term', { term: 4, sequence: 1 }],
  ])('takes %s', (_, over) => {
    expect(apply(full([a, b], over), held, last)).toMatchObject({ outcome: 'applied', last: over })
  })

  it('remembers what the leader stated, also when its content was not what it stated', () => {
    const torn = apply(full([a, b], { sequence: 9, set: [a] }), held, last)
    expect(torn).toMatchObject({ outcome: 'nack', reason: 'RevisionMismatch', last: { sequence: 9 } })
    expect(apply(full([a, b], { sequence: 8 }), held, torn.last)).toMatchObject({ reason: 'StaleSequence' })
    expect(apply(full([a, b], { sequence: 9 }), held, torn.last)).toMatchObject({ outcome: 'applied' })
  })

  it('remembers nothing that the leader did not sign', () => {
    expect(apply(full([a], { term: 9, signature: wrong }), held, last)).toMatchObject({ outcome: 'nack', last })
  })
})
