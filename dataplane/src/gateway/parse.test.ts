import { describe, expect, it } from 'vitest'
import { seal, snapshotOf, type Resource, type SealedResource } from '@gatehouse/contract'
import { atOnce } from '../slices.ts'
import { parseResources } from './parse.ts'
import { installation, openSnapshot, policy, route } from './snapshotFixture.ts'

const sealed = (resource: unknown): SealedResource => seal(resource as Resource)
const read = (...resources: unknown[]) => atOnce(parseResources(snapshotOf(resources.map(sealed)).resources, null))

describe('parseResources', () => {
  it('reads what the contract knows', () => {
    const { parsed, refused } = read(...openSnapshot())
    expect(refused).toEqual([])
    expect([...parsed.route.keys()]).toEqual(['shop/orders'])
    expect(parsed.installation.get('installation')?.spec.tenancy).toBe('Single')
  })

  it('reads an installation that denies every address of a large fleet', () => {
    const deniedAddresses = Array.from({ length: 5000 }, (_, at) => `10.0.${at >> 8}.${at & 255}/32`)
    const outbound = { podCIDRs: [], allowLoopback: false, deniedAddresses }
    expect(read(installation({ outbound })).refused).toEqual([])
  })

  const sound = route().spec
  it.each([
    [
      'unknown kind',
      { kind: 'somethingNew', name: 'x', spec: {} },
      { resource: 'somethingNew/x', field: '', reason: 'UnknownKind' },
    ],
    [
      'kind of the prototype',
      { kind: 'constructor', name: 'x', spec: {} },
      { resource: 'constructor/x', field: '', reason: 'UnknownKind' },
    ],
    [
      'unknown field',
      { kind: 'route', name: 'shop/x', spec: { ...sound, rewrite: 'secret' } },
      { resource: 'route/shop/x', field: '/rewrite', reason: 'UnknownField' },
    ],
    [
      'unknown field inside',
      { kind: 'policy', name: 'shop/x', spec: { ...policy().spec, rules: [{ unless: 'secret' }] } },
      { resource: 'policy/shop/x', reason: 'InvalidValue' },
    ],
    [
      'wrong value',
      { kind: 'route', name: 'shop/x', spec: { ...sound, created: 'secret' } },
      { resource: 'route/shop/x', field: '/created', reason: 'InvalidValue' },
    ],
    [
      'missing value',
      { kind: 'installation', name: 'installation', spec: { ...installation().spec, tenancy: undefined } },
      { resource: 'installation/installation', field: '/tenancy', reason: 'InvalidValue' },
    ],
    [
      'field whose name is a value',
      { kind: 'route', name: 'shop/x', spec: { ...sound, '\u001b[31msecret': 1 } },
      { resource: 'route/shop/x', field: '/?', reason: 'UnknownField' },
    ],
  ])('%s', (_name, resource, expected) => {
    const sealedOne = { ...(resource as SealedResource), hash: '0'.repeat(64) }
    const { refused, parsed } = atOnce(
      parseResources(new Map([[`${sealedOne.kind}/${sealedOne.name}`, sealedOne]]), null),
    )
    expect(refused).toEqual([expect.objectContaining(expected)])
    expect(JSON.stringify(refused)).not.toContain('secret')
    expect(parsed.policy.size + parsed.installation.size).toBe(0)
    expect([...parsed.route.values()].flatMap(({ spec }) => spec.rules)).toEqual([])
  })

  it('bounds the pointer', () => {
    const spec = { ...sound, [`${'x'.repeat(64)}`]: 1 }
    const { refused } = read({ kind: 'route', name: 'shop/x', spec })
    expect(refused[0]?.field.length).toBeLessThanOrEqual(512)
  })

  it('says what could not be read, by name', () => {
    const { parsed } = read({ kind: 'policy', name: 'shop/x', spec: { odd: 1 } })
    expect([...parsed.unreadable.policy]).toEqual(['shop/x'])
  })

  it('keeps of an unreadable route the hosts that it stood for', () => {
    const { parsed } = read({ kind: 'route', name: 'shop/x', spec: { ...sound, odd: 1 } })
    expect(parsed.route.get('shop/x')?.spec).toMatchObject({ hostnames: ['api.example'], rules: [], incomplete: true })
    expect(parsed.unreadable.route.size).toBe(0)
  })

  it('knows of one without readable hosts only the namespace', () => {
    const { parsed } = read({ kind: 'route', name: 'shop/x', spec: { ...sound, hostnames: [''] } })
    expect([...parsed.unreadable.route]).toEqual(['shop/x'])
    expect(parsed.route.size).toBe(0)
  })

  it('does not read again what has the same hash', () => {
    const snapshot = snapshotOf(openSnapshot().map(seal))
    const first = atOnce(parseResources(snapshot.resources, null))
    const second = atOnce(parseResources(snapshotOf(openSnapshot().map(seal)).resources, first.memo))
    expect(second.parsed.route.get('shop/orders')).toBe(first.parsed.route.get('shop/orders'))
    const changed = atOnce(parseResources(snapshotOf([seal(route({ created: 7 }))]).resources, first.memo))
    expect(changed.parsed.route.get('shop/orders')?.spec.created).toBe(7)
  })
})
