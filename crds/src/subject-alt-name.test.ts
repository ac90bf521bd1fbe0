import { describe, expect, it } from 'vitest'
import { subjectAltNames } from './subject-alt-name.ts'

type Type = 'URI' | 'DNS' | 'Email' | 'IP'

const isSound = (type: Type, pattern: string): boolean => subjectAltNames('x').safeParse([{ type, pattern }]).success

describe('subjectAltNames', () => {
  it.each<[Type, string]>([
    ['URI', 'spiffe://*/ns/*/sa/*'],
    ['URI', 'urn:example:a+b'],
    ['URI', 'mailto:ada@shop.example'],
    ['DNS', '*.mesh.example'],
    ['DNS', 'a.*.example'],
    ['DNS', 'localhost'],
    ['Email', '*@shop.example'],
    ['Email', 'ada+x@Shop.example'],
    ['IP', '192.0.2.1'],
    ['IP', '10.0.0.0/8'],
    ['IP', '2001:db8::/32'],
    ['IP', '::1'],
  ])('takes %s %s', (type, pattern) => {
    expect(isSound(type, pattern)).toBe(true)
  })

  it.each<[Type, string]>([
    ['URI', 'cluster.local/ns/shop'],
    ['URI', 'spiffe://a/sa*'],
    ['URI', 'spiffe://a/b c'],
    ['URI', 'web.example'],
    ['DNS', '*'],
    ['DNS', '*.*'],
    ['DNS', 'web*.example'],
    ['DNS', 'web.example.'],
    ['DNS', 'spiffe://a.example'],
    ['DNS', 'ada@shop.example'],
    ['Email', 'shop.example'],
    ['Email', 'a@b@shop.example'],
    ['Email', 'a*@shop.example'],
    ['Email', 'a@*.example'],
    ['Email', '@shop.example'],
    ['IP', '10.0.0.*'],
    ['IP', '10.0.0'],
    ['IP', '10.0.0.0/33'],
    ['IP', '::ffff:10.0.0.0/8'],
    ['IP', '1::2::3'],
    ['IP', 'shop'],
  ])('refuses %s %s', (type, pattern) => {
    expect(isSound(type, pattern)).toBe(false)
  })
})
