import { describe, expect, it } from 'vitest'
import { allowsAnonymous, boundsOf } from './bounds.ts'

const exempting = (...hostnames: string[]): Parameters<typeof allowsAnonymous>[0] => ({
  providers: 'Own',
  anonymous: 'Forbid',
  exemptions: [
    { namespaces: ['docs'], hostnames },
    { namespaces: ['lab'], hostnames: ['lab.example'] },
  ],
})

describe('boundsOf', () => {
  it.each([
    [true, 'Own', 'Forbid'],
    [false, 'Any', 'Allow'],
  ])('closes by default what the installation sets, and nothing else (%s)', (platform, providers, anonymous) => {
    expect(boundsOf({ use: ['a'] }, platform)).toEqual({ providers, anonymous })
  })

  it('closes nothing where no providers are set', () => {
    expect(boundsOf({ revocations: { configMapRef: { name: 'a', key: 'b' } } }, true)).toMatchObject({
      providers: 'Any',
    })
  })

  it('is what is written', () => {
    const bounds = { providers: 'Any', anonymous: 'Forbid' } as const
    expect(boundsOf({ bounds }, true)).toBe(bounds)
  })
})

describe('allowsAnonymous', () => {
  const route = (...hostnames: string[]) => ({ namespace: 'docs', hostnames })

  it.each<[string, ReturnType<typeof exempting>, ReturnType<typeof route>, boolean]>([
    ['an exact host', exempting('docs.example'), route('docs.example'), true],
    ['another host', exempting('docs.example'), route('shop.example'), false],
    ['a host that is longer', exempting('docs.example'), route('a.docs.example'), false],
    ['one host of two', exempting('docs.example'), route('docs.example', 'shop.example'), false],
    ['each host in an entry of its own', exempting('a.example', 'b.example'), route('a.example', 'b.example'), true],
    ['a host below a wildcard', exempting('*.docs.example'), route('a.b.docs.example'), true],
    ['the host above a wildcard', exempting('*.docs.example'), route('docs.example'), false],
    ['a host that only ends alike', exempting('*.docs.example'), route('evildocs.example'), false],
    ['the same wildcard', exempting('*.docs.example'), route('*.docs.example'), true],
    ['a wildcard below', exempting('*.docs.example'), route('*.a.docs.example'), true],
    ['a wildcard that is wider', exempting('*.docs.example'), route('*.example'), false],
    ['a wildcard around an exact host', exempting('a.docs.example'), route('*.docs.example'), false],
    ['the host of another namespace', exempting('docs.example'), route('lab.example'), false],
    ['no host', exempting('docs.example'), route(), false],
    ['another namespace', exempting('docs.example'), { namespace: 'shop', hostnames: ['docs.example'] }, false],
  ])('%s', (_, bounds, scope, allowed) => {
    expect(allowsAnonymous(bounds, scope)).toBe(allowed)
  })
})
