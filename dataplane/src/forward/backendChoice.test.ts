import { describe, expect, it } from 'vitest'
import { chooseBackend } from './backendChoice.ts'

const upstream = (name: string, weight: number) => ({
  type: 'Upstream' as const,
  weight,
  upstream: name,
  auth: null,
  requestEdit: null,
  responseEdit: null,
})

describe('chooseBackend', () => {
  it('draws by weight, and never one of weight 0', () => {
    const backends = [upstream('a', 90), upstream('none', 0), upstream('b', 10)]
    const drawn = (random: number): string | undefined => {
      const backend = chooseBackend(backends, () => random)
      return backend?.type === 'Upstream' ? backend.upstream : undefined
    }
    expect([0, 0.5, 0.899, 0.9, 0.999999].map(drawn)).toEqual(['a', 'a', 'a', 'b', 'b'])
  })

  it('has nothing when all weights are 0', () => {
    expect(chooseBackend([upstream('a', 0)], () => 0)).toBeNull()
    expect(chooseBackend([upstream('a', 0), upstream('b', 0)], () => 0.5)).toBeNull()
    expect(chooseBackend([], () => 0)).toBeNull()
  })
})
