import { sha256 } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import type { WorldObject } from '../world.ts'
import { selectionsOf } from './selections.ts'
import { worldObjectOf } from './worldOf.ts'

const secret = (name: string, labels: Readonly<Record<string, string>> = {}, client = name): WorldObject => {
  const entry = Buffer.from(JSON.stringify({ keyHash: `sha256:${sha256(client)}` })).toString('base64')
  const metadata = { name, namespace: 'shop', labels }
  return worldObjectOf({ apiVersion: 'v1', kind: 'Secret', metadata, data: { [client]: entry } }, 'Equal')!
}

const [one, two] = [secret('one', { team: 'a', tier: 'x' }), secret('two', { team: 'a' })]

const over = (...secrets: readonly WorldObject[]) => selectionsOf('shop', secrets, null)

describe('selections', () => {
  it('hold what has all of the labels', () => {
    const selections = over(one, two)
    expect(selections.select({ team: 'a' })?.secrets).toEqual([one, two])
    expect(selections.select({ team: 'a', tier: 'x' })?.secrets).toEqual([one])
    expect(selections.select({ team: 'b' })).toBe(selections.none())
    expect(selections.none()).toEqual({ secrets: [], name: 'shop/api-keys/none', bytes: 0 })
    expect(selectionsOf('shop', null, selections.made).select({ team: 'a' })).toBeNull()
  })

  it('are the same for all that select the same', () => {
    const selections = over(one)
    const selection = selections.select({ team: 'a' })!
    expect(selections.select({ tier: 'x' })).toBe(selection)
    expect(selections.keysOf(selection)).toBe(selections.keysOf(selection))
    expect(selections.keysOf(selection).resource.resource).toMatchObject({
      name: selection.name,
      spec: { clients: [{ id: 'one' }] },
    })
  })

  it('keep their name when the content of a Secret changes', () => {
    const first = over(one, two)
    const before = first.select({ team: 'a' })!
    const selections = selectionsOf('shop', [one, secret('two', { team: 'a' }, 'renewed')], first.made)
    const after = selections.select({ team: 'a' })!
    expect(after.name).toBe(before.name)
    expect(selections.keysOf(after).resource.resource.spec).toMatchObject({
      clients: [{ id: 'one' }, { id: 'renewed' }],
    })
    expect(over(one).select({ team: 'a' })?.name).not.toBe(before.name)
  })

  it('are taken from the compilation before, and remembered no longer', () => {
    const labels = { team: 'a' }
    const first = over(one, two)
    const selection = first.select(labels)!
    const keys = first.keysOf(selection)
    const second = selectionsOf('shop', [one, two], first.made)
    expect(second.made.selected.size + second.made.byName.size + second.made.keys.size).toBe(0)
    expect(second.select(labels)).toBe(selection)
    expect(second.keysOf(selection)).toBe(keys)
    // Another Secret is another selection, and the keys of those that stay are not read again.
    const third = selectionsOf('shop', [one, two, secret('three')], second.made)
    expect(third.select(labels)).toBe(selection)
    expect(third.keysOf(selection)).toBe(keys)
  })

  it('do not look at labels again while no Secret has changed', () => {
    let looks = 0
    const watched = { ...one, meta: { ...one.meta } }
    Object.defineProperty(watched.meta, 'labels', { get: () => ((looks += 1), { team: 'a' }) })
    let made = null
    for (let round = 0; round < 3; round++) {
      const selections = selectionsOf('shop', [watched, two], made)
      for (let provider = 0; provider < 3; provider++) selections.select({ team: 'a' })
      made = selections.made
    }
    expect(looks).toBe(1)
  })
})
