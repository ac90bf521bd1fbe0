import type { HashKey } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { principal } from '../policy/policyFixture.ts'
import { affinityOf } from './affinity.ts'

type Asking = Parameters<typeof affinityOf>[1]

const asking = (headers: { readonly [name: string]: readonly string[] }, over: Partial<Asking> = {}): Asking => ({
  facts: { headers: new Map(Object.entries(headers)), clientAddress: '192.0.2.1' },
  principal: null,
  ...over,
})
const of = (key: HashKey, request: Asking): number | null => affinityOf({ type: 'ConsistentHash', key }, request)

const header: HashKey = { type: 'Header', name: 'x-user' }
const cookie: HashKey = { type: 'Cookie', name: 'session' }

describe('what requests share', () => {
  it('is a number that only the value makes', () => {
    const ada = of(header, asking({ 'x-user': ['ada'] }))
    expect(ada).toBe(of(header, asking({ 'x-user': ['ada'], other: ['x'] })))
    expect(ada).not.toBe(of(header, asking({ 'x-user': ['grace'] })))
    expect(of(cookie, asking({ cookie: ['a=b; session=ada'] }))).toBe(ada)
    expect(of(header, asking({ 'x-user': ['ada', 'grace'] }))).not.toBe(ada)
  })

  it('is the address of the client', () => {
    const one = of({ type: 'SourceIP' }, asking({}))
    const facts = { headers: new Map<string, readonly string[]>(), clientAddress: '192.0.2.2' }
    expect(of({ type: 'SourceIP' }, asking({}, { facts }))).not.toBe(one)
  })

  it('is who the caller was verified to be, whatever else it says', () => {
    const key: HashKey = { type: 'Principal' }
    const ada = principal()
    const verified = of(key, asking({}, { principal: ada }))
    expect(of(key, asking({ 'x-user': ['grace'] }, { principal: ada }))).toBe(verified)
    expect(of(key, asking({}, { principal: { ...ada, id: '["other","issuer","ada"]' } }))).not.toBe(verified)
    expect(of(key, asking({ authorization: ['ada'] }))).toBeNull()
  })

  it.each<[string, HashKey, { readonly [name: string]: readonly string[] }]>([
    ['there is no such header', header, {}],
    ['there is no cookie', cookie, {}],
    ['there is another cookie', cookie, { cookie: ['sessions=1'] }],
    ['there are two such cookies', cookie, { cookie: ['session=1; session=2'] }],
    ['there are two lines of cookies', cookie, { cookie: ['session=1', 'a=b'] }],
    ['two readers could see different cookies', cookie, { cookie: ['session="1"'] }],
  ])('is nothing where %s', (_, key, headers) => {
    expect(of(key, asking(headers))).toBeNull()
  })

  it('is nothing where nobody asks', () => {
    expect(affinityOf({ type: 'LeastRequest' }, asking({ 'x-user': ['ada'] }))).toBeNull()
  })
})
