import type { PathChange, RuleMatch } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { canonicalPath } from './path.ts'
import { edited, pathEdit } from './pathEdit.ts'
import { match as matchOf } from './snapshotFixture.ts'

const match = (value: string, type: RuleMatch['path']['type'] = 'PathPrefix'): RuleMatch =>
  matchOf(value, { path: { type, value } })
const prefix = (value: string): PathChange => ({ type: 'ReplacePrefixMatch', value })

describe('a path whose matched prefix is replaced', () => {
  // The table of HTTPPathModifier in the Gateway API, and what follows from it.
  it.each([
    ['/foo/bar', '/foo', '/xyz', '/xyz/bar'],
    ['/foo/bar', '/foo', '/xyz/', '/xyz/bar'],
    ['/foo/bar', '/foo/', '/xyz', '/xyz/bar'],
    ['/foo/bar', '/foo/', '/xyz/', '/xyz/bar'],
    ['/foo', '/foo', '/xyz', '/xyz'],
    ['/foo/', '/foo', '/xyz', '/xyz/'],
    ['/foo/bar', '/foo', '', '/bar'],
    ['/foo/', '/foo', '', '/'],
    ['/foo', '/foo', '', '/'],
    ['/foo/', '/foo', '/', '/'],
    ['/foo', '/foo', '/', '/'],
    ['/foo', '/foo/', '/xyz', '/xyz'],
    ['/foo/bar', '/foo', '/', '/bar'],
    ['/bar', '/', '/xyz', '/xyz/bar'],
    ['/', '/', '/xyz', '/xyz/'],
    ['/', '/', '', '/'],
    ['/foo/a%20b/', '/foo', '/x/y', '/x/y/a%20b/'],
  ])('%s under %s with %j is %s', (path, matched, value, expected) => {
    const result = edited(pathEdit(prefix(value), [match(matched)])!, path)
    expect(result).toBe(expected)
    expect(canonicalPath(result)).toBe(result)
  })
})

describe('a whole path that is replaced', () => {
  it('is what is written', () => {
    const edit = pathEdit({ type: 'ReplaceFullPath', value: '/xyz/' }, [match('/a', 'Exact'), match('/b')])
    expect(edited(edit!, '/a')).toBe('/xyz/')
  })
})

describe('a change of paths', () => {
  it.each(['//evil.example', '/a//b', '/a/../b', '/a/%2e/b', 'a', '/a%2Fb', '/a\\b', '/a?b', '/a#b', '/a b', '/%7e'])(
    'is none with %s',
    (value) => {
      expect(pathEdit(prefix(value), [match('/foo')])).toBeNull()
      expect(pathEdit({ type: 'ReplaceFullPath', value }, [match('/foo')])).toBeNull()
    },
  )

  it('of a prefix needs exactly one match, by prefix', () => {
    expect(pathEdit(prefix('/x'), [])).toBeNull()
    expect(pathEdit(prefix('/x'), [match('/a'), match('/b')])).toBeNull()
    for (const type of ['Exact', 'Template', 'RegularExpression'] as const)
      expect(pathEdit(prefix('/x'), [match('/a', type)])).toBeNull()
  })
})
