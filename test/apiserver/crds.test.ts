import { group, kinds, version, type GatehouseKind } from '@gatehouse/crds'
import { cases, documentOf, fullSpecs, grantingKeys, looseKeys, misspellings } from '@gatehouse/crds/cases'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { admit } from '../../cli/src/admission/admit.ts'
import { builtinCases } from '../../cli/src/admission/builtinCases.ts'
import { startApiServer, type ApiServer } from '../cluster/apiserver.ts'
import { apiRequests, waitFor, type ApiAnswer, type ApiRequests } from './apiRequests.ts'
import { installCrds, installReferenceGrants } from './crds.ts'

const kindNames = Object.keys(kinds) as GatehouseKind[]

let server: ApiServer
let api: ApiRequests

beforeAll(async () => {
  server = await startApiServer()
  api = apiRequests(server)
  await waitFor(api, '/api/v1/namespaces/default', ({ status }) => status === 200)
  await installCrds(api)
  await installReferenceGrants(api)
})
afterAll(async () => {
  api.close()
  await server.close()
})

const conditions = [
  {
    type: 'Accepted',
    status: 'True',
    observedGeneration: 1,
    lastTransitionTime: '2026-01-01T00:00:00Z',
    reason: 'Accepted',
    message: '',
  },
]
const ref = { group, kind: 'Gatehouse', namespace: 'default', name: 'edge', sectionName: 'https' }
const controllerName = 'gatehouse.dev/controller'

/** A status of each kind with every field. */
const statuses: Readonly<Record<GatehouseKind, { readonly [key: string]: unknown }>> = {
  Gatehouse: { listeners: [{ name: 'https', attachedRoutes: 3, conditions }], conditions },
  GatewayRoute: { parents: [{ parentRef: ref, controllerName, conditions }], conditions },
  AccessPolicy: { targetCount: 1, ancestors: [{ ancestorRef: ref, controllerName, conditions }], conditions },
}

/** APIs of kinds that are neither our own nor of the core. */
const roots: Readonly<Record<string, string>> = {
  EndpointSlice: '/apis/discovery.k8s.io/v1',
  ReferenceGrant: '/apis/gateway.networking.k8s.io/v1beta1',
}

const collectionOf = (kind: string): string => {
  const own = kindNames.find((name) => name === kind)
  if (own) return `/apis/${group}/${version}/namespaces/default/${kinds[own].plural}`
  if (kind === 'Namespace') return '/api/v1/namespaces'
  const root = roots[kind] ?? '/api/v1'
  return `${root}/namespaces/default/${kind.toLowerCase()}s`
}

/** Creates a document without keeping it. */
const create = (document: { kind: string }, validation: 'Strict' | 'Ignore'): Promise<ApiAnswer> =>
  api.send('POST', `${collectionOf(document.kind)}?dryRun=All&fieldValidation=${validation}`, document)

/** What became of a document; a server that fails is neither. */
const verdictOf = ({ status }: ApiAnswer): string => {
  if (status === 201) return 'accepted'
  return status === 400 || status === 422 ? 'refused' : `status ${status}`
}

/** What {@link admit} makes of a document, in the same words. */
function admission(document: unknown): { verdict: string; spec: unknown; said: string } {
  const result = admit(document)
  return result.ok
    ? { verdict: 'accepted', spec: result.object['spec'], said: '' }
    : { verdict: 'refused', spec: undefined, said: result.errors.map(({ message }) => message).join('\n') }
}

describe('the API server and admit', () => {
  it.each(cases)('agree that $kind: $name is $verdict', async ({ kind, spec, verdict, rule }) => {
    const document = documentOf(kind, spec)
    const answer = await create(document, 'Strict')
    const said = verdict === 'refused' && rule ? rule.message : ''
    expect({ verdict: verdictOf(answer), said: answer.body['message'] ?? '' }).toEqual({
      verdict,
      said: expect.stringContaining(said),
    })
    expect(admission(document)).toEqual({ verdict, spec: answer.body['spec'], said: expect.stringContaining(said) })
  })

  it.each(kindNames)('agree on a full %s', async (kind) => {
    const document = documentOf(kind, fullSpecs[kind])
    const answer = await create(document, 'Strict')
    expect(answer).toMatchObject({ status: 201 })
    expect(admission(document)).toMatchObject({ verdict: 'accepted', spec: answer.body['spec'] })
  })

  it.each(misspellings)('both refuse $kind with $place misspelt and name the key', async ({ kind, place, spec }) => {
    const document = documentOf(kind, spec)
    const answer = await create(document, 'Strict')
    expect(verdictOf(answer)).toBe('refused')
    expect(answer.body['message']).toContain(`unknown field "${place}X"`)
    expect(admission(document)).toMatchObject({ verdict: 'refused' })
  })

  it.each(builtinCases)('agree that $name is $verdict', async ({ document, verdict }) => {
    const answer = await create(document, 'Strict')
    expect({ verdict: verdictOf(answer), message: answer.body['message'] }).toMatchObject({ verdict })
    expect(admission(document)).toMatchObject({ verdict })
  })
})

describe('the API server without field validation', () => {
  const granting = grantingKeys.map(([kind, place]) => {
    const entry = misspellings.find((other) => other.kind === kind && other.place === place)
    if (!entry) throw new Error(`no full ${kind} has ${place}`)
    return entry
  })

  it.each(granting)('still refuses $kind with $place misspelt', async ({ kind, spec }) => {
    expect(verdictOf(await create(documentOf(kind, spec), 'Ignore'))).toBe('refused')
  })

  it.each(kindNames)('accepts misspellings of exactly the keys that the reference lists for %s', async (kind) => {
    const accepted = new Set<string>()
    for (const { key, spec } of misspellings.filter((entry) => entry.kind === kind)) {
      const answer = await create(documentOf(kind, spec), 'Ignore')
      if (answer.status === 201) accepted.add(key)
    }
    expect([...accepted].sort()).toEqual(
      looseKeys(kinds[kind])
        .map(({ path }) => path)
        .sort(),
    )
  })
})

describe('the kinds in the API server', () => {
  it.each(kindNames)('has %s with short names, category and columns', async (kind) => {
    const { plural, shortNames, columns } = kinds[kind]
    const discovery = await api.send('GET', `/apis/${group}/${version}`)
    const resources = discovery.body['resources'] as readonly { readonly name: string }[]
    const resource = resources.find(({ name }) => name === plural)
    expect(resource).toMatchObject({ kind, namespaced: true, categories: ['gatehouse-api'] })
    expect({ shortNames: [], ...resource }).toMatchObject({ shortNames })
    const table = await api.send('GET', collectionOf(kind), undefined, 'application/json;as=Table;v=v1;g=meta.k8s.io')
    const heads = table.body['columnDefinitions'] as readonly { readonly name: string }[]
    expect(heads.map(({ name }) => name)).toEqual(['Name', ...columns.map(({ name }) => name)])
  })

  it.each(kindNames)('takes a whole status of %s from its subresource only, and nothing unknown', async (kind) => {
    const name = `status-${kind.toLowerCase()}`
    const path = `${collectionOf(kind)}/${name}`
    const document = { ...documentOf(kind, fullSpecs[kind], name), status: statuses[kind] }
    const created = await api.send('POST', collectionOf(kind), document)
    expect(created.body).not.toHaveProperty('status')
    const stored = { ...created.body, status: statuses[kind] }
    const written = await api.send('PUT', `${path}/status?fieldValidation=Strict`, stored)
    expect(written).toMatchObject({ status: 200, body: { status: statuses[kind] } })
    const unknown = { ...written.body, status: { ...statuses[kind], phase: 'Ready' } }
    expect((await api.send('PUT', `${path}/status?fieldValidation=Strict`, unknown)).status).toBe(400)
  })
})
