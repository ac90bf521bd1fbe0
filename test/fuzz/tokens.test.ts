import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonObject } from '../../dataplane/src/policy/claims.ts'
import { findCookie, withoutCookies } from '../../dataplane/src/policy/cookieString.ts'
import { decodeJws, hasJwsForm } from '../../dataplane/src/policy/jws.ts'
import { findParameter, withoutParameters } from '../../dataplane/src/policy/queryString.ts'

const encode = (text: string): string => Buffer.from(text).toString('base64url')
const part = fc.oneof(fc.json().map(encode), fc.string().map(encode), fc.base64String(), fc.string({ unit: 'binary' }))
const tokenLike = fc.oneof(
  fc.array(part, { maxLength: 5 }).map((parts) => parts.join('.')),
  fc.string({ unit: 'binary', maxLength: 200 }),
)

describe('what looks like a token', () => {
  it('is read or is not, and never fails', () => {
    fc.assert(
      fc.property(tokenLike, (text) => {
        const jws = decodeJws(text)
        if (jws === null) return
        expect(hasJwsForm(text)).toBe(true)
        const [header, claims] = text.split('.').map((one) => Buffer.from(one, 'base64url').toString()) as [
          string,
          string,
        ]
        expect(jws.header).toEqual(JSON.parse(header))
        const issuer: unknown = (JSON.parse(claims) as { iss?: unknown }).iss
        expect(jws.issuer).toBe(
          typeof issuer === 'string' && Object.hasOwn(JSON.parse(claims) as object, 'iss') ? issuer : null,
        )
      }),
    )
  })

  it('holds the object that JSON.parse sees, or none', () => {
    const text = fc.oneof(
      fc.json(),
      fc.string({ unit: 'binary' }),
      fc.json().map((json) => `${json} `),
    )
    fc.assert(
      fc.property(text, (json) => {
        const read = jsonObject(json)
        if (read !== null) expect(read).toEqual(JSON.parse(json))
      }),
    )
  })

  it('names no member twice', () => {
    const name = fc.string({ minLength: 1, maxLength: 8 })
    const escaped = (text: string): string =>
      Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')
    fc.assert(
      fc.property(name, fc.jsonValue(), (twin, value) => {
        const member = JSON.stringify(value)
        expect(jsonObject(`{${JSON.stringify(twin)}:1,"${escaped(twin)}":${member}}`)).toBeNull()
      }),
    )
  })
})

const visible = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  maxLength: 12,
})

describe('a Cookie header', () => {
  const piece = fc.oneof(
    visible,
    visible.map((value) => `session=${value}`),
    fc.constantFrom('session', ' session = x', '\tsession=y', 'a=1'),
  )
  const header = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(';'))

  it('has nothing of a name any more once that is taken off, and all else in its order', () => {
    fc.assert(
      fc.property(header, (text) => {
        const left = withoutCookies(text, ['session'])
        if (left === null) return
        expect(findCookie(left, 'session')).toBeNull()
        expect(withoutCookies(left, ['session'])).toBe(left)
        const others = text.split(';').filter((pair) => pair.split('=', 1)[0]!.trim() !== 'session')
        expect(left.trim()).toBe(others.join(';').trim())
        if (findCookie(text, 'session') === null) expect(left).toBe(text)
      }),
    )
  })

  it('gives a value only where every reader sees the same', () => {
    fc.assert(
      fc.property(header, (text) => {
        const found = findCookie(text, 'session')
        if (found === null || typeof found === 'string') return
        expect(found.text).not.toMatch(/[\s",;\\]/)
        expect(text.match(/(^|;)\s*session\s*(=|;|$)/g)).toHaveLength(1)
      }),
    )
  })
})

describe('a query', () => {
  const encoded = fc.constantFrom('token', '%74oken', 't%6Fken', '%74%6F%6b%65%6E')
  const piece = fc.oneof(
    visible.map((text) => text.replaceAll(/[#&\s]/g, '')),
    fc.tuple(encoded, fc.constantFrom('=x', '', '=', '=%zz')).map(([name, value]) => name + value),
  )
  const query = fc.array(piece, { maxLength: 6 }).map((pieces) => `?${pieces.join('&')}`)

  it('has nothing of a name any more once that is taken off, and all else in its order', () => {
    fc.assert(
      fc.property(query, (text) => {
        const left = withoutParameters(text, ['token'])
        expect(findParameter(left, 'token')).toBeNull()
        expect(new URLSearchParams(left).has('token')).toBe(false)
        if (findParameter(text, 'token') === null) expect(left).toBe(text)
      }),
    )
  })

  it('holds what every reader of forms sees, once', () => {
    fc.assert(
      fc.property(query, (text) => {
        const found = findParameter(text, 'token')
        const seen = new URLSearchParams(text).getAll('token')
        if (found === null) expect(seen).toEqual([])
        else if (found === 'twice') expect(seen.length).toBeGreaterThan(1)
        else if (found !== 'malformed') expect(seen).toEqual([found.text])
      }),
    )
  })
})
