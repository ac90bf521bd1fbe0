import { KubeError, type KubeObject, type ListPage } from '@gatehouse/controller/kube'
import { describe, expect, it } from 'vitest'
import { installationsIn, type Wanted } from './installations.ts'

const signal = new AbortController().signal
const fleet = { desired: 1, ready: 1, behind: 0, refused: 0 }

const programmed = {
  type: 'Programmed',
  status: 'False',
  reason: 'ListenerNotReady',
  message: 'The listener is closed',
  observedGeneration: 1,
  lastTransitionTime: '2026-01-01T00:00:00Z',
}

const gatehouse = (namespace: string, name: string, status: KubeObject = { fleet }): KubeObject => ({
  metadata: { namespace, name },
  status,
})

/** An API server that answers these pages, and the questions that it was asked. */
function serverOf(...pages: readonly (readonly KubeObject[] | Error)[]) {
  const asked: string[] = []
  const list = (path: string, query: Readonly<Record<string, string>>): Promise<ListPage> => {
    const number = Number(query['continue'] ?? '0')
    asked.push(`${path} ${number}`)
    const page = pages[number]!
    if (page instanceof Error) return Promise.reject(page)
    return Promise.resolve({
      items: page,
      resourceVersion: '1',
      next: number + 1 < pages.length ? `${number + 1}` : '',
    })
  }
  return { list, asked }
}

const all: Wanted = { namespace: null, name: null }

describe('installationsIn', () => {
  it('reads every page, and sorts', async () => {
    const server = serverOf(
      [gatehouse('b', 'edge', { fleet, conditions: [programmed] })],
      [gatehouse('a', 'edge'), gatehouse('b', 'core', {})],
    )
    expect(await installationsIn(server, all, signal)).toEqual([
      { namespace: 'a', name: 'edge', fleet, programmed: null },
      { namespace: 'b', name: 'core', fleet: null, programmed: null },
      { namespace: 'b', name: 'edge', fleet, programmed: { status: 'False', reason: 'ListenerNotReady' } },
    ])
    expect(server.asked).toEqual([0, 1].map((page) => `/apis/gatehouse.dev/v1alpha1/gatehouses ${page}`))
  })

  it('asks for one namespace, and picks a name', async () => {
    const server = serverOf([gatehouse('a', 'edge'), gatehouse('a', 'core')])
    const found = await installationsIn(server, { namespace: 'a/../b', name: 'core' }, signal)
    expect(found.map(({ name }) => name)).toEqual(['core'])
    expect(server.asked).toEqual(['/apis/gatehouse.dev/v1alpha1/namespaces/a%2F..%2Fb/gatehouses 0'])
  })

  it.each<[string, readonly KubeObject[] | Error, Wanted, string]>([
    ['no installation', [], all, 'there is no Gatehouse'],
    ['none of this name', [], { namespace: 'a', name: 'edge' }, 'there is no Gatehouse edge in namespace a'],
    [
      'no CRDs',
      new KubeError(404, 'NotFound'),
      all,
      'the CustomResourceDefinitions of Gatehouse are not installed; helm install charts/gatehouse-crds brings them',
    ],
    ['no such user', new KubeError(401, ''), all, 'the API server does not know the user of the kubeconfig'],
    [
      'no right',
      new KubeError(403, 'Forbidden'),
      all,
      'the user of the kubeconfig may not list Gatehouses of all namespaces; name one with -n',
    ],
    [
      'no right there',
      new KubeError(403, 'Forbidden'),
      { ...all, namespace: 'a' },
      'the user of the kubeconfig may not list Gatehouses',
    ],
    ['a fault', new KubeError(500, ''), all, 'the API server answered 500'],
    [
      'a status of another version',
      [gatehouse('a', 'edge', { fleet: { ...fleet, lost: 1 } })],
      all,
      'the status of a/edge is of another version of Gatehouse; use the command of that one',
    ],
  ])('says what to do about %s', async (_, page, wanted, message) => {
    await expect(installationsIn(serverOf(page), wanted, signal)).rejects.toMatchObject({ message, status: 2 })
  })

  it('leaves a fault of this program as it is', async () => {
    const fault = new TypeError('x')
    await expect(installationsIn(serverOf(fault), all, signal)).rejects.toBe(fault)
  })
})
