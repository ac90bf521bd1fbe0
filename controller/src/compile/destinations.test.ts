import { describe, expect, it } from 'vitest'
import { mayBeSentTo } from './destinations.ts'
import { worldObjectOf } from './worldOf.ts'

const secret = (annotations: Record<string, string>) =>
  worldObjectOf({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'idp', annotations } }, 'Equal')!

describe('mayBeSentTo (M12)', () => {
  it.each<[string, string, boolean]>([
    ['idp.example', 'https://idp.example/introspect', true],
    ['idp.example', 'https://idp.example:443/', true],
    ['idp.example:8443', 'https://idp.example:8443/', true],
    ['a.example, idp.example', 'https://idp.example/', true],
    ['127.0.0.1:9000', 'http://127.0.0.1:9000/', true],
    ['idp.example', 'https://idp.example:8443/', false],
    ['idp.example:8443', 'https://idp.example/', false],
    ['idp.example', 'http://idp.example/', false],
    ['idp.example', 'https://evil.example/', false],
    ['idp.example', 'https://idp.example.evil.example/', false],
    ['*', 'https://idp.example/', false],
    ['*.example', 'https://idp.example/', false],
    ['', 'https://idp.example/', false],
    ['IDP.example', 'https://idp.example/', false],
    ['idp.example', 'idp.example', false],
  ])('"%s" and %s', (hosts, url, expected) => {
    expect(mayBeSentTo(secret({ 'gatehouse.dev/destination-hosts': hosts }), url)).toBe(expected)
  })

  it('lets nothing out of a Secret that says nothing', () => {
    expect(mayBeSentTo(secret({}), 'https://idp.example/')).toBe(false)
  })
})
