import assert from 'node:assert/strict'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { chartCases, objectsOf } from './cases.ts'
import { startChartServer, type ChartServer } from './chartServer.ts'
import { permissions, person, userOf, type Who } from './permissions.ts'

let server: ChartServer

/** The API server's authorizer learns of new objects by a watch. */
const patience = { timeout: 20_000, interval: 50 }

/** Team has its role in the namespace shop alone; the others have theirs everywhere. */
const bindings = (['platform', 'team', 'auditor'] as const).map((who) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: who === 'team' ? 'RoleBinding' : 'ClusterRoleBinding',
  metadata: { name: who, ...(who === 'team' && { namespace: 'shop' }) },
  roleRef: {
    apiGroup: 'rbac.authorization.k8s.io',
    kind: 'ClusterRole',
    name: `gatehouse:gatehouse-system:edge:${who}`,
  },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: who }],
}))

/** `verb resource[/subresource][.group] namespace[/name]`. */
async function may(who: Who, question: string): Promise<boolean> {
  const [verb, thing = '', place = ''] = question.split(' ')
  const [, resource, subresource, group] = /^([a-z]+)(?:\/([a-z]+))?(?:\.(.+))?$/.exec(thing) ?? []
  const [where, name] = place.split('/')
  const groups = person(who) ? ['system:authenticated'] : ['system:serviceaccounts', 'system:authenticated']
  const resourceAttributes = { verb, resource, subresource, group: group ?? '', namespace: where, name }
  const review = { user: userOf(who), groups, resourceAttributes }
  const { status, body } = await server.api.send('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: review,
  })
  if (status !== 201) throw new Error(`the review of "${question}" was answered ${status}`)
  return (body['status'] as { readonly allowed: boolean }).allowed
}

beforeAll(async () => {
  server = await startChartServer()
  const quickstart = chartCases.find(({ name }) => name === 'quickstart')
  assert(quickstart)
  const access = (await objectsOf(quickstart)).filter((object) => /Role|ServiceAccount/.test(object.kind))
  await server.apply([...access, ...bindings])
  await vi.waitFor(async () => assert(await may('controller', 'watch secrets shop')), patience)
  await vi.waitFor(async () => assert(await may('team', 'create gatewayroutes.gatehouse.dev shop')), patience)
})
afterAll(() => server.close())

const questions = (answer: 'yes' | 'no'): readonly { readonly who: Who; readonly question: string }[] =>
  (Object.keys(permissions) as Who[]).flatMap((who) => permissions[who][answer].map((question) => ({ who, question })))

describe('as the API server decides', () => {
  it.each(questions('yes'))('$who may $question', async ({ who, question }) => {
    expect(await may(who, question)).toBe(true)
  })

  it.each(questions('no'))('$who may not $question', async ({ who, question }) => {
    expect(await may(who, question)).toBe(false)
  })
})
