import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalPath, isReserved, parseTarget } from './path.ts'

describe('canonicalPath', () => {
  it.each([
    ['/', '/'],
    ['/a', '/a'],
    ['/a/', '/a/'],
    ['/a/b.c/d~e_f-g', '/a/b.c/d~e_f-g'],
    ['/...', '/...'],
    ['/.a', '/.a'],
    ['/a..b', '/a..b'],
    ['/%61dmin', '/admin'],
    ['/%7Euser', '/~user'],
    ['/%2Dx%5f', '/-x_'],
    ['/a%3db', '/a%3Db'],
    ['/a%20b', '/a%20b'],
    ['/caf%c3%a9', '/caf%C3%A9'],
    ['/%252e%252e/x', '/%252e%252e/x'],
    ['/%2561', '/%2561'],
    ['/a;v=1/b', '/a;v=1/b'],
    ['/a%3bv', '/a%3Bv'],
    ["/!$&'()*+,;=:@", "/!$&'()*+,;=:@"],
    ['/%E0%A4%A9', '/%E0%A4%A9'],
    ['/%23/%3f', '/%23/%3F'],
  ])('%s is %s', (raw, canonical) => {
    expect(canonicalPath(raw)).toBe(canonical)
  })

  it.each([
    ['empty', ''],
    ['relative', 'a'],
    ['dot segment', '/.'],
    ['dot segment before more', '/a/./b'],
    ['double dot', '/open/../admin'],
    ['double dot at the end', '/a/..'],
    ['encoded dots', '/%2e%2e/admin'],
    ['half encoded dots', '/.%2E/admin'],
    ['one encoded dot', '/a/%2e/b'],
    ['dots before parameters', '/a/..;/b'],
    ['dots before named parameters', '/a/..;x=1/b'],
    ['dot before parameters', '/a/.;/b'],
    ['dots before an escaped semicolon', '/a/..%3b/b'],
    ['encoded dots before parameters', '/a/%2e%2e;/b'],
    ['only parameters', '/a/;x/b'],
    ['only parameters at the end', '/a/;x'],
    ['only escaped parameters', '/a/%3bx/b'],
    ['empty segment', '//a'],
    ['empty segment inside', '/a//b'],
    ['two empty at the end', '/a//'],
    ['escaped slash', '/a%2fb'],
    ['escaped slash, upper case', '/a%2Fb'],
    ['escaped backslash', '/a%5cb'],
    ['backslash', '/a\\b'],
    ['escaped NUL', '/a%00'],
    ['NUL', '/a\0'],
    ['fragment', '/a#b'],
    ['bad escape', '/a%zz'],
    ['cut escape', '/a%2'],
    ['lone percent', '/a%'],
    ['escape of an escape', '/%2%65'],
    ['overlong dot', '/%c0%ae%c0%ae/x'],
    ['overlong slash', '/a%C0%AFb'],
    ['overlong slash of three bytes', '/a%e0%80%afb'],
    ['overlong slash of four bytes', '/a%f0%80%80%afb'],
    ['space', '/a b'],
    ['tab', '/a\tb'],
    ['raw byte beyond ASCII', '/caf\xe9'],
    ['curly brace', '/a{b'],
    ['pipe', '/a|b'],
    ['quote', '/a"b'],
    ['angle bracket', '/a<b'],
    ['square bracket', '/a[b'],
    ['caret', '/a^b'],
    ['line feed', '/a\nb'],
    ['carriage return', '/a\rb'],
  ])('%s is refused', (_name, raw) => {
    expect(canonicalPath(raw)).toBeNull()
  })

  const piece = fc.oneof(
    fc.constantFrom('/', '.', '..', ';', '%2e', '%2F', '%61', '%3b', '%', '%25', 'a', '~', '\\', '#', '%c0%ae', '//'),
    fc.string({ maxLength: 3 }),
  )
  const anyPath = fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`)

  it('is its own canonical form', () => {
    fc.assert(
      fc.property(anyPath, (raw) => {
        const path = canonicalPath(raw)
        if (path !== null) expect(canonicalPath(path)).toBe(path)
      }),
      { numRuns: 2000 },
    )
  })

  it('never leaves what another reader could take for a dot or an empty segment', () => {
    fc.assert(
      fc.property(anyPath, (raw) => {
        const path = canonicalPath(raw)
        if (path === null) return
        const segments = decodeURIComponent(path.replaceAll(/%[89A-F][0-9A-F]/g, 'x'))
          .split('/')
          .slice(1)
        const names = segments.map((segment) => segment.split(';')[0])
        expect(names.slice(0, -1)).not.toContain('')
        expect(names).not.toContain('.')
        expect(names).not.toContain('..')
        expect(segments.length).toBe(path.split('/').length - 1)
        expect(new URL(path, 'http://host').pathname).toBe(path)
      }),
      { numRuns: 2000 },
    )
  })

  it('takes time in proportion to the length', () => {
    const start = performance.now()
    for (const text of ['/a', '/.', '/..a', '/%61', '/a.', '/-', ';', '/%2e']) canonicalPath(`/${text.repeat(5000)}\0`)
    expect(performance.now() - start).toBeLessThan(200)
  })
})

describe('parseTarget', () => {
  it('keeps the query byte for byte', () => {
    expect(parseTarget('/%61?x=%61&y=/../#'.slice(0, -1))).toEqual({ path: '/a', query: '?x=%61&y=/../' })
    expect(parseTarget('/a?')).toEqual({ path: '/a', query: '?' })
    expect(parseTarget('/a?b?c')).toEqual({ path: '/a', query: '?b?c' })
  })

  it.each(['/a?x#y', '/a?x y', '/a?\0', '/a?\xe9', '?x', '/..?x'])('refuses %j', (target) => {
    expect(parseTarget(target)).toBeNull()
  })
})

describe('isReserved', () => {
  it.each([
    ['/.well-known/gatehouse', true],
    ['/.well-known/gatehouse/', true],
    ['/.well-known/gatehouse/usage', true],
    ['/.well-known/gatehouses', false],
    ['/.well-known/openid-configuration', false],
    ['/x/.well-known/gatehouse/', false],
  ])('%s: %s', (path, reserved) => {
    expect(isReserved(path)).toBe(reserved)
  })
})
