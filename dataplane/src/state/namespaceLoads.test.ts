import { describe, expect, it } from 'vitest'
import { NamespaceLoads } from './namespaceLoads.ts'

function loadsOf(requests: number): NamespaceLoads {
  const loads = new NamespaceLoads()
  loads.adopt(requests)
  return loads
}

describe('the load of a namespace', () => {
  it('is bounded in requests, and in twice as many connections, each namespace for itself', () => {
    const loads = loadsOf(2)
    const shop = loads.of('shop')
    expect([shop.full, shop.crowded]).toEqual([false, false])
    shop.requests = 2
    shop.connections = 3
    expect([shop.full, shop.crowded]).toEqual([true, false])
    shop.connections++
    expect(shop.crowded).toBe(true)
    expect([loads.of('blog').full, loads.of('blog').crowded]).toEqual([false, false])
  })

  it('has no room before there is a bound', () => {
    const { full, crowded } = new NamespaceLoads().of('shop')
    expect([full, crowded]).toEqual([true, true])
  })

  it('lives as long as anything is under way, under whatever bound is newest', () => {
    const loads = loadsOf(2)
    const shop = loads.of('shop')
    const blog = loads.of('blog')
    shop.requests = 2
    loads.adopt(3)
    expect(loads.of('shop')).toBe(shop)
    expect(shop.full).toBe(false)
    expect(loads.of('blog')).not.toBe(blog)
    expect([...loads.all()]).toEqual([['shop', shop]])
    loads.adopt(1)
    expect(shop.full).toBe(true)
  })
})
