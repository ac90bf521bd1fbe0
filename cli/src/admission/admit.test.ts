import { kinds, type GatehouseKind } from '@gatehouse/crds'
import { cases, documentOf, fullSpecs, misspellings } from '@gatehouse/crds/cases'
import { describe, expect, it } from 'vitest'
import { admit, isGatehouseDocument, type AdmittedObject } from './admit.ts'

const kindNames = Object.keys(kinds) as GatehouseKind[]

/** The errors as `path: message`; none = admitted. */
function errorsOf(document: unknown): readonly string[] {
  const admission = admit(document)
  return admission.ok ? [] : admission.errors.map(({ path, message }) => `${path}: ${message}`)
}

function admitted(document: unknown): AdmittedObject {
  const admission = admit(document)
  if (!admission.ok) throw new Error(JSON.stringify(admission.errors))
  return admission.object
}

describe('admit, by the table that the API server also runs', () => {
  it.each(cases)('$kind: $name is $verdict', ({ kind, spec, verdict, rule }) => {
    const errors = errorsOf(documentOf(kind, spec))
    const due = verdict === 'refused' && rule ? [rule.message] : []
    const unsaid = due.filter((message) => !errors.some((error) => error.endsWith(message)))
    expect({ verdict: errors.length === 0 ? 'accepted' : 'refused', unsaid, errors }).toMatchObject({
      verdict,
      unsaid: [],
    })
  })

  it.each(misspellings)('refuses $kind with $place misspelt and names the key', ({ kind, spec, place }) => {
    const pointer = `/${place.replaceAll(/\[(\d+)\]/g, '.$1').replaceAll('.', '/')}X`
    expect(errorsOf(documentOf(kind, spec))).toContain(`${pointer}: is not a known field`)
  })

  it.each(kindNames)('accepts a full %s', (kind) => {
    expect(admitted(documentOf(kind, fullSpecs[kind])).spec).toMatchObject(fullSpecs[kind])
  })
})

const route = { hostnames: ['a.example'], rules: [{ name: 'a', backendRefs: [{ name: 'b', port: 80 }] }] }

describe('admit, for our own kinds', () => {
  it('writes defaults out, in lists too', () => {
    const { spec } = admitted(documentOf('GatewayRoute', route))
    expect(spec).toEqual({
      hostnames: ['a.example'],
      rules: [
        {
          name: 'a',
          backendRefs: [{ name: 'b', port: 80, weight: 1, protocol: 'HTTP1' }],
          timeouts: { request: '15s', backendRequest: '0s', connect: '1s', idle: '60s', maxStreamAge: '1h' },
        },
      ],
    })
  })

  it('drops what belongs to the server', () => {
    const document = {
      ...documentOf('GatewayRoute', route),
      metadata: { name: 'a', uid: 'x', creationTimestamp: null, annotations: { a: 'b' } },
      status: { conditions: [] },
    }
    const object = admitted(document)
    expect(object.metadata).toEqual({ name: 'a', namespace: 'default', annotations: { a: 'b' } })
    expect(object).not.toHaveProperty('status')
  })

  it.each([
    ['an unknown top-level key', { sepc: {} }, '/sepc: is not a known field'],
    ['an unknown key of metadata', { metadata: { name: 'a', label: {} } }, '/metadata/label: is not a known field'],
    ['an unknown key of status', { status: { phase: 'x' } }, '/status/phase: is not a known field'],
    ['no name', { metadata: {} }, '/metadata/name: is required'],
    ['a label that is no text', { metadata: { name: 'a', labels: { a: 1 } } }, '/metadata/labels/a: must be a string'],
    [
      'a key with a slash',
      { metadata: { name: 'a', labels: { 'a/b/c': 'd' } } },
      '/metadata/labels/a~1b~1c: is not a valid',
    ],
    ['a name in upper case', { metadata: { name: 'A' } }, '/metadata/name: does not have the required form'],
    [
      'a version that does not exist',
      { apiVersion: 'gatehouse.dev/v1' },
      '/apiVersion: must be "gatehouse.dev/v1alpha1" for kind GatewayRoute',
    ],
    ['a misspelt kind', { kind: 'GatwayRoute' }, '/kind: must be one of "Gatehouse", "GatewayRoute", "AccessPolicy"'],
    [
      'a name of an entry in another form',
      { spec: { ...route, rules: [{ name: 'B', backendRefs: [{ name: 'c', port: 80 }] }] } },
      'means (must match ^[a-z0-9]([-a-z0-9]*[a-z0-9])?$)',
    ],
    ['no spec', { spec: undefined }, '/spec: '],
  ])('refuses %s', (_, change, error) => {
    expect(errorsOf({ ...documentOf('GatewayRoute', route), ...change }).join('\n')).toContain(error)
  })

  it('collects all findings of the structure', () => {
    const spec = { hostnames: ['A'], rules: [{ name: 'B', backendRefs: [{ name: 'C', port: 80 }] }] }
    expect(errorsOf(documentOf('GatewayRoute', spec))).toHaveLength(3)
  })

  it('never shows a value', () => {
    const spec = { ...route, hostnames: ['S3CRET'], tenancy: 'S3CRET' }
    expect(errorsOf(documentOf('GatewayRoute', spec)).join()).not.toContain('S3CRET')
  })
})

describe('admit, for documents that are not for Gatehouse', () => {
  it.each([null, 'text', [], {}, { kind: 'Deployment', apiVersion: 'apps/v1' }, { kind: 'Secret', apiVersion: 'v2' }])(
    'refuses %j',
    (document) => {
      expect(isGatehouseDocument(document)).toBe(false)
      expect(admit(document).ok).toBe(false)
    },
  )
})
