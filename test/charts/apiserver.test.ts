import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chartCases, objectsOf } from './cases.ts'
import { startChartServer, type ChartServer } from './chartServer.ts'
import { chartFolder, helm, release } from './helm.ts'
import { manifestsIn, nameOf, workloadsIn, type Manifest, type PodSpec } from './manifests.ts'

let server: ChartServer
beforeAll(async () => void (server = await startChartServer()))
afterAll(() => server.close())

/** Kinds that a plain API server does not have; only golden files look at these. */
const isForeign = ({ apiVersion }: Manifest): boolean =>
  /^(cert-manager\.io|monitoring\.coreos\.com)\//.test(apiVersion)

const pod = (name: string, spec: PodSpec): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: release.namespace },
  spec: { ...spec, restartPolicy: 'Never' },
})

describe.each(chartCases)('the API server, about case $name', (one) => {
  it('takes every object that it knows the kind of, without a warning', async () => {
    const objects = (await objectsOf(one)).filter((object) => !isForeign(object))
    const { stdout, stderr } = await server.apply(objects, '--dry-run=server')
    expect(stdout.trim().split('\n')).toHaveLength(objects.length)
    expect(stderr).toBe('')
  })

  it('admits its Pods to a restricted namespace', async () => {
    const workloads = workloadsIn(await objectsOf(one))
    const pods = workloads.map(({ manifest, spec }) => pod(`${manifest.metadata.name}-pod`, spec))
    const { stdout } = await server.tryCreate(pods)
    expect(stdout.trim().split('\n')).toHaveLength(workloads.length)
  })
})

describe('the restricted profile', () => {
  it.each(['securityContext', 'containers'] as const)('does not admit a Pod without %s', async (member) => {
    const [workload] = workloadsIn(await objectsOf(chartCases[0]!))
    const { containers, ...rest } = workload!.spec
    const bare = containers.map((container) => ({ name: container.name, image: container.image }))
    const spec = member === 'containers' ? { ...rest, containers: bare } : { ...rest, containers, securityContext: {} }
    await expect(server.tryCreate([pod('bare', spec as PodSpec)])).rejects.toThrow('violates PodSecurity "restricted')
  })
})

describe('two installations', () => {
  it('share no object, in one namespace or in two', async () => {
    const render = async (name: string, at: string): Promise<readonly string[]> => {
      const { out } = await helm([
        'template',
        name,
        chartFolder('gatehouse'),
        '--namespace',
        at,
        '--set',
        'watchNamespaces={shop}',
      ])
      return manifestsIn(out).map((object) => `${object.apiVersion} ${nameOf(object)}`)
    }
    const all = [await render('edge', 'gatehouse-system'), await render('edge', 'other'), await render('bff', 'other')]
    const names = all.flat()
    expect(new Set(names).size).toBe(names.length)
  })
})
