import { describe, expect, it } from 'vitest'
import { readDocuments } from './documents.ts'

const read = (text: string) => readDocuments('a.yaml', text)
const values = (text: string): readonly unknown[] => read(text).documents.map(({ value }) => value)

describe('readDocuments', () => {
  it('says where each document begins, and where a field is', () => {
    const { documents } = read(
      '# head\nkind: A\nspec:\n  rules:\n  - name: x\n    paths: [{value: /}]\n---\n\n# two\nkind: B\n',
    )
    expect(documents.map(({ place }) => place)).toEqual([
      { file: 'a.yaml', line: 2 },
      { file: 'a.yaml', line: 10 },
    ])
    const [first] = documents
    const lines = ['', '/spec/rules/0/name', '/spec/rules/0/paths/0/value', '/spec/rules/7/name', '/status'].map((at) =>
      first?.lineOf(at),
    )
    expect(lines).toEqual([2, 5, 6, 5, 2])
  })

  it('finds fields whose names are escaped in pointers', () => {
    const [document] = read('metadata:\n  labels:\n    a: b\n    x/y~z: c\n').documents
    expect(document?.lineOf('/metadata/labels/x~1y~0z')).toBe(4)
  })

  it('reads booleans as kubectl does', () => {
    expect(values('[Off, on, y, No, true, "off", offer]')).toEqual([[false, true, true, false, true, 'off', 'offer']])
  })

  it('takes a List apart, and passes over documents that say nothing', () => {
    const { documents } = read('---\n---\nkind: List\nitems:\n- kind: A\n- kind: B\n  spec: 1\n')
    expect(documents.map(({ value }) => value)).toEqual([{ kind: 'A' }, { kind: 'B', spec: 1 }])
    expect(documents.map(({ place }) => place.line)).toEqual([5, 6])
    expect(documents[1]?.lineOf('/spec')).toBe(7)
  })

  it('reads JSON and merge keys', () => {
    expect(values('{"a": [1, null]}')).toEqual([{ a: [1, null] }])
    expect(values('a: &x {b: 1}\nc: {<<: *x, d: 2}')).toEqual([{ a: { b: 1 }, c: { b: 1, d: 2 } }])
  })

  it.each([
    ['broken YAML', 'a: 1\nb: [', 2],
    ['the same key twice', 'a: 1\na: 2', 2],
    ['an alias without anchor', '\na: *b', 2],
    [
      'aliases that blow up',
      `a: &a [x, x]\nb: &b [${Array(60).fill('*a').join()}]\nc: [${Array(60).fill('*b').join()}]`,
      1,
    ],
  ])('names the line of %s', (_, text, line) => {
    const { documents, faults } = read(text)
    expect(documents).toEqual([])
    expect(faults).toMatchObject([{ place: { file: 'a.yaml', line } }])
  })

  it('keeps the documents beside a broken one', () => {
    const { documents, faults } = read('a: 1\n---\nb: [\n---\nc: 3\n')
    expect(documents.map(({ value }) => value)).toEqual([{ a: 1 }, { c: 3 }])
    expect(faults).toHaveLength(1)
  })
})
