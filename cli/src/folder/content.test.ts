import { describe, expect, it } from 'vitest'
import { contentOf, emptyFolder, passedOverText, faultLine, type FolderContent } from './content.ts'
import type { Reading } from './reading.ts'

const configMap = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: shop}\ndata: {v: "${value}"}\n`

const reading = (
  files: Readonly<Record<string, string>>,
  unreadable: Readonly<Record<string, string>> = {},
): Reading => ({
  texts: new Map(Object.entries(files)),
  unreadable: new Map(Object.entries(unreadable)),
  passedOver: [],
})

/** Values by name. */
const held = ({ objects }: FolderContent): Readonly<Record<string, unknown>> =>
  Object.fromEntries([...objects.values()].map(({ object }) => [object.metadata.name, object['data']]))

const both = contentOf(reading({ 'd/a.yaml': `${configMap('a', '1')}---\n${configMap('b', '1')}` }), emptyFolder)
const bad = (name: string): string => configMap(name, '2').replace('\ndata:', '\ndate:')

describe('contentOf', () => {
  it('holds what the API server would', () => {
    expect(held(both)).toEqual({ a: { v: '1' }, b: { v: '1' } })
    expect(both.faults).toEqual([])
  })

  it('drops what a sound file no longer states, and all of a file that is gone', () => {
    expect(held(contentOf(reading({ 'd/a.yaml': configMap('a', '2') }), both))).toEqual({ a: { v: '2' } })
    expect(held(contentOf(reading({}), both))).toEqual({})
  })

  it('keeps the previous version of what is refused, and takes what is sound beside it', () => {
    const next = contentOf(reading({ 'd/a.yaml': `${bad('a')}---\n${configMap('b', '2')}` }), both)
    expect(held(next)).toEqual({ a: { v: '1' }, b: { v: '2' } })
    expect(next.faults.map(faultLine)).toEqual(['d/a.yaml:4: ConfigMap shop/a: /date is not a known field'])
  })

  it('keeps what a file with a fault stated before, also under a name that can no longer be told', () => {
    const renamed = configMap('a', '2').replace('name: a', 'name: A')
    expect(held(contentOf(reading({ 'd/a.yaml': renamed }), both))).toEqual({ a: { v: '1' }, b: { v: '1' } })
    expect(held(contentOf(reading({ 'd/a.yaml': 'a: [' }), both))).toEqual({ a: { v: '1' }, b: { v: '1' } })
  })

  it('keeps what was moved to another file and broken there', () => {
    const next = contentOf(reading({ 'd/a.yaml': configMap('b', '1'), 'd/z.yaml': bad('a') }), both)
    expect(held(next)).toEqual({ a: { v: '1' }, b: { v: '1' } })
    const torn = contentOf(reading({ 'd/a.yaml': configMap('b', '1'), 'd/z.yaml': 'a: [' }), both)
    expect(held(torn)).toEqual({ a: { v: '1' }, b: { v: '1' } })
  })

  it('keeps everything while a file or the folder cannot be read', () => {
    expect(held(contentOf(reading({}, { 'd/a.yaml': 'cannot be read' }), both))).toEqual(held(both))
    const gone = contentOf(reading({}, { d: 'there is no such folder' }), both)
    expect(held(gone)).toEqual(held(both))
    expect(gone.faults.map(faultLine)).toEqual(['d: there is no such folder'])
  })

  it('keeps the previous version of what is stated twice', () => {
    const next = contentOf(reading({ 'd/a.yaml': `${configMap('a', '2')}---\n${configMap('a', '3')}` }), both)
    expect(held(next)).toMatchObject({ a: { v: '1' } })
    expect(next.faults.map(faultLine)).toEqual([
      'd/a.yaml:6: ConfigMap shop/a: is stated twice, first in d/a.yaml:1; remove one',
    ])
  })

  it('passes over what is for others, but not a mistyped version of ours', () => {
    const others = ['apps/v1 Deployment', 'v1 ServiceAccount', 'serving.knative.dev/v1 Service']
    const mistyped = [
      'gatehouse.dev/v1 AccessPolicy',
      'gatehose.dev/v1alpha1 AccessPolicy',
      'v2 Secret',
      'gatehouse.dev/v1alpha1 AcessPolicy',
    ]
    const document = (text: string): string => {
      const [apiVersion, kind] = text.split(' ')
      return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: x}\n`
    }
    const next = contentOf(reading({ 'a.yaml': [...others, ...mistyped].map(document).join('---\n') }), emptyFolder)
    expect(next.passedOver).toBe(others.length)
    expect(passedOverText(next)).toBe('3 documents of other kinds are passed over\n')
    expect(passedOverText({ ...next, passedOver: 1 })).toBe('1 document of another kind is passed over\n')
    expect(passedOverText(emptyFolder)).toBe('')
    expect(next.faults).toHaveLength(mistyped.length)
  })
})
