import { describe, expect, it } from 'vitest'
import { judge } from './check/judgement.ts'
import { folderWith } from './folder/contentFixture.ts'

const route = `apiVersion: gatehouse.dev/v1alpha1
kind: GatewayRoute
metadata: {name: orders, namespace: shop}
spec: {hostnames: [a.example], rules: [
  {name: read, backendRefs: [{name: orders, port: 80}]}, {name: write, backendRefs: [{name: orders, port: 80}]}]}
---
`
const toRoute = '{group: gatehouse.dev, kind: GatewayRoute, name: orders}'
const toWrite = '{group: gatehouse.dev, kind: GatewayRoute, name: orders, sectionName: write}'
const toRead = '{group: gatehouse.dev, kind: GatewayRoute, name: orders, sectionName: read}'

const policy = (target: string, more: string, at = 'shop/orders'): string => {
  const [namespace, name] = at.split('/')
  return `apiVersion: gatehouse.dev/v1alpha1
kind: AccessPolicy
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  targetRefs: [${target}]
  ${more}
---
`
}
const open =
  'authentication: {anyOf: [{name: public, anonymous: {}}]}\n' +
  '  authorization: {rules: [{name: all, action: Allow, methods: [GET], principal: [{attribute: Anyone}]}]}'
const quotas =
  'quotas: [{name: q, keys: [{type: IP}], algorithm: FixedWindow, rates: [{limit: 1, window: 1m}], scope: Replica}]'
const misspelt = 'authentification: {}'

const advised = (...texts: readonly string[]): string => judge(folderWith(...texts)).advice.join('')

describe('folderAdvice', () => {
  it.each([
    ['the route', toRoute, 'shop/orders', 12],
    ['a rule of it', toWrite, 'shop/orders', 12],
    ['its namespace', '{group: "", kind: Namespace, name: shop}', 'edge/wide', 12],
    ['a Gatehouse', '{group: gatehouse.dev, kind: Gatehouse, name: edge}', 'edge/wide', 12],
  ])('asks to mend the refused policy of %s, and offers none in its place', (_, target, at, line) => {
    expect(advised(route, policy(target, misspelt, at))).toBe(
      `GatewayRoute shop/orders is answered 403 while its policy AccessPolicy ${at} (a.yaml:${line}) is refused; mend that.\n`,
    )
  })

  it('offers no name that a refused policy of something else has', () => {
    const elsewhere = '{group: gatehouse.dev, kind: GatewayRoute, name: other}'
    const text = advised(route, policy(elsewhere, misspelt))
    expect(text.match(/metadata: .*/g)).toEqual(Array(2).fill('metadata: {name: orders-2, namespace: shop}'))
    expect(text).toContain('GatewayRoute shop/orders has no policy, so every request is answered 403')
  })

  it('does not take a refused policy of another rule, or of another namespace, for one of the route', () => {
    expect(advised(route, policy(toWrite, open, 'shop/writers'), policy(toRead, open, 'shop/readers'))).toBe('')
    expect(advised(route, policy(toRead, open, 'shop/readers'), policy(toRead, misspelt))).toContain('name: orders-2,')
    expect(advised(route, policy(toRoute, misspelt, 'lab/orders'))).toContain('{name: orders, namespace: shop}')
  })

  it('says so where there is a policy that lets nobody in', () => {
    expect(advised(route, policy(toRoute, quotas))).toContain(
      'GatewayRoute shop/orders has no policy that authenticates and allows, so every request is answered 403',
    )
  })

  it('offers nothing while a document may be the policy that is missing', () => {
    expect(advised(route, 'kind: [')).toBe(
      'GatewayRoute shop/orders is answered 403, as far as the folder can be read; mend a.yaml:7 first.\n',
    )
  })
})
