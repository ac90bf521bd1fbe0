import { describe, expect, it } from 'vitest'
import type { RequestFacts } from './facts.ts'
import { noTrust } from './clientAddress.ts'
import { readRequest } from './form.ts'
import { request } from './snapshotFixture.ts'
import { withoutCredentials } from './withoutCredentials.ts'

function factsOf(target: string, headers: readonly string[]): RequestFacts {
  const facts = readRequest(request(target, headers), noTrust)
  if (typeof facts === 'string') throw new Error(facts)
  return facts
}

const places = { headers: ['authorization', 'x-key'], cookies: ['session', 'id'], parameters: ['access_token', 'k'] }

const cookieOf = (cookie: string): string | undefined => {
  const { headers, rawHeaders } = withoutCredentials(factsOf('/', ['Accept', '*/*', 'CooKie', cookie]), places)
  const at = rawHeaders.indexOf('CooKie')
  expect(headers.get('cookie')?.[0]).toBe(at === -1 ? undefined : rawHeaders[at + 1])
  expect(rawHeaders.slice(0, 4)).toEqual(['Host', 'api.example', 'Accept', '*/*'])
  return headers.get('cookie')?.[0]
}

describe('what is left of a request after authentication (M10)', () => {
  it('is the request itself when it held no credential', () => {
    const facts = factsOf('/a?b=1', ['Cookie', 'a=session; b=2', 'Accept', '*/*'])
    expect(withoutCredentials(facts, places)).toBe(facts)
    expect(withoutCredentials(facts, { headers: [], cookies: [], parameters: [] })).toBe(facts)
  })

  it('has no credential header', () => {
    const facts = withoutCredentials(factsOf('/', ['Authorization', 'Bearer x', 'X-Key', 'y', 'X-Other', 'z']), places)
    expect([...facts.headers.keys()]).toEqual(['host', 'x-other'])
  })

  it.each<[string, string | undefined]>([
    ['session=x', undefined],
    ['session=x; ', undefined],
    ['a=1; session=x', 'a=1'],
    ['session=x; a=1', 'a=1'],
    ['a=1; session=x; b="2, 3";c', 'a=1; b="2, 3";c'],
    ['a=1; session=x; b=2; id=y', 'a=1; b=2'],
    ['session =x; a=1;\tid=2;b', 'a=1;b'],
    ['Session=x; a=session=x', 'Session=x; a=session=x'],
    ['a=1 ;  b', 'a=1 ;  b'],
  ])('of cookies %j leaves %j', (cookie, left) => {
    expect(cookieOf(cookie)).toBe(left)
  })

  it.each<[string, string]>([
    ['?access_token=x', ''],
    ['?a=1&access_token=x', '?a=1'],
    ['?access_token=x&a=%31', '?a=%31'],
    ['?a=1&%61ccess_token=x&b=2&k', '?a=1&b=2'],
    ['?&access_token=x&&', '?&&'],
    ['?Access_token=x&access_token%00=y', '?Access_token=x&access_token%00=y'],
    ['', ''],
  ])('of a query %j leaves %j', (query, left) => {
    expect(withoutCredentials(factsOf(`/a${query}`, []), places).query).toBe(left)
  })
})
