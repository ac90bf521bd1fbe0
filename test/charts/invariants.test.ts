import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import { chartCases, objectsOf, type ChartCase } from './cases.ts'
import { chartFolder, helm } from './helm.ts'
import { isRole, manifestsIn, nameOf, rulesOf, workloadsIn, type Manifest, type PolicyRule } from './manifests.ts'

/** What the restricted Pod Security Standard asks, and more: a user of our own and a root that cannot be written. */
const restrictedPod = {
  runAsNonRoot: true,
  runAsUser: 65_532,
  runAsGroup: 65_532,
  seccompProfile: { type: 'RuntimeDefault' },
}
const restrictedContainer = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
}
const forbiddenOfPods = ['hostNetwork', 'hostPID', 'hostIPC', 'initContainers', 'hostUsers', 'shareProcessNamespace']

const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'] as const

const portsOf = (service: Manifest): readonly { readonly name: string; readonly targetPort: number | string }[] =>
  (service['spec'] as { ports: { name: string; targetPort: number | string }[] }).ports

const selectorOf = (service: Manifest): Readonly<Record<string, string>> =>
  (service['spec'] as { selector: Readonly<Record<string, string>> }).selector

const mentions = (rule: PolicyRule, resource: string): boolean => rule.resources.includes(resource)

const writing = ['create', 'update', 'patch', 'delete', 'deletecollection', 'bind', 'escalate', 'impersonate']

/** Names that DNS or labels carry are one label; those of RBAC only stand in paths. */
const longest = ({ kind }: Manifest): number => (/^(Cluster)?Role(Binding)?$/.test(kind) ? 253 : 63)

const withRedis = ({ name }: ChartCase): boolean => name === 'redis'

describe.each(chartCases)('every object of case $name', (one) => {
  it('has a name that fits, labels, and a namespace if it is in one', async () => {
    const objects = await objectsOf(one)
    const wanted = ['gatehouse', 'edge']
    const unlabelled = objects.filter(({ metadata: { labels } }) => {
      const found = ['name', 'instance'].map((key) => labels?.[`app.kubernetes.io/${key}`])
      return !isDeepStrictEqual(found, wanted)
    })
    const misplaced = objects.filter(
      ({ kind, metadata }) => (metadata.namespace === undefined) !== kind.startsWith('Cluster'),
    )
    const tooLong = objects.filter((object) => object.metadata.name.length > longest(object))
    expect([unlabelled, misplaced, tooLong].map((found) => found.map(nameOf))).toEqual([[], [], []])
  })

  it('is there once', async () => {
    const names = (await objectsOf(one)).map((object) => `${object.apiVersion} ${nameOf(object)}`)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })

  it('has restricted Pods', async () => {
    const workloads = workloadsIn(await objectsOf(one))
    expect(workloads.map(({ manifest }) => nameOf(manifest))).toEqual([
      'Deployment gatehouse-system/edge-controller',
      'Deployment gatehouse-system/edge-dataplane',
      ...(withRedis(one) ? ['Deployment gatehouse-system/edge-redis'] : []),
      'Pod gatehouse-system/edge-test',
      'Job gatehouse-system/edge-certs',
    ])
    for (const { spec } of workloads) {
      expect(spec).toMatchObject({ securityContext: restrictedPod, enableServiceLinks: false })
      for (const member of forbiddenOfPods) expect(spec).not.toHaveProperty(member)
      for (const container of spec.containers) expect(container).toMatchObject({ securityContext: restrictedContainer })
      expect(JSON.stringify(spec)).not.toContain('hostPath')
    }
  })

  it('gives each container resources, and each that runs on probes', async () => {
    for (const { manifest, spec } of workloadsIn(await objectsOf(one))) {
      const wanted = manifest.kind === 'Deployment' ? probes : []
      for (const container of spec.containers) {
        const { requests, limits } = container.resources ?? {}
        expect({ requests, limits }).toMatchObject({
          requests: { cpu: expect.anything() as unknown, memory: expect.anything() as unknown },
          limits: { memory: expect.anything() as unknown },
        })
        expect(probes.filter((name) => container[name] !== undefined)).toEqual(wanted)
      }
    }
  })

  it('has Services that each select one component', async () => {
    const objects = await objectsOf(one)
    const workloads = workloadsIn(objects)
    const selected = objects
      .filter(({ kind }) => kind === 'Service')
      .map((service) => {
        const wanted = Object.entries(selectorOf(service))
        return workloads.filter(({ labels }) => wanted.every(([key, value]) => labels[key] === value)).length
      })
    expect(selected).toEqual(Array(withRedis(one) ? 6 : 5).fill(1))
  })

  it('has the admin port only in Services of its own', async () => {
    const objects = await objectsOf(one)
    const services = objects.filter(({ kind }) => kind === 'Service')
    const withAdmin = services.filter((service) =>
      portsOf(service).some(({ name, targetPort }) => name === 'admin' || ['admin', 9090, 9091].includes(targetPort)),
    )
    expect(withAdmin.map(({ metadata }) => metadata.name)).toEqual(['edge-controller-admin', 'edge-dataplane-admin'])
    for (const service of withAdmin) {
      expect(portsOf(service)).toHaveLength(1)
      expect(service['spec']).toMatchObject({ clusterIP: 'None' })
    }
  })

  it('allows nothing by a wildcard', async () => {
    const roles = (await objectsOf(one)).filter(isRole)
    expect(roles.length).toBeGreaterThan(3)
    const wild = roles.filter((role) => JSON.stringify(role['rules']).includes('*') || 'aggregationRule' in role)
    expect(wild.map(nameOf)).toEqual([])
  })

  it('reads Secrets by the cluster only where that was opted for, and never lets people read them', async () => {
    const roles = (await objectsOf(one)).filter(isRole)
    const reading = roles.filter((role) => rulesOf(role).some((rule) => mentions(rule, 'secrets')))
    const clusterwide = reading.filter(({ kind }) => kind === 'ClusterRole').map(({ metadata }) => metadata.name)
    const opted = one.name === 'all-namespaces'
    expect(clusterwide).toEqual(opted ? ['gatehouse:gatehouse-system:edge:controller'] : [])
    const watching = reading.filter(({ metadata }) => metadata.name.endsWith(':watch'))
    expect(watching.length > 0).toBe(!opted)
    for (const role of watching) {
      expect(rulesOf(role)).toEqual([
        { apiGroups: [''], resources: ['secrets', 'configmaps'], verbs: ['get', 'list', 'watch'] },
      ])
    }
  })

  it('writes Secrets by name, and makes them by the hook alone', async () => {
    const roles = (await objectsOf(one)).filter(isRole)
    const rules = roles.flatMap((role) => rulesOf(role).map((rule) => ({ role: nameOf(role), rule })))
    const writers = rules.filter(
      ({ rule }) => mentions(rule, 'secrets') && rule.verbs.some((verb) => writing.includes(verb)),
    )
    const names = ['push-authority', 'push-controller', 'push-dataplane', 'token-keys'].map((one) => `edge-${one}`)
    const byName = { apiGroups: [''], resources: ['secrets'], resourceNames: names, verbs: ['get', 'update'] }
    const create = { apiGroups: [''], resources: ['secrets'], verbs: ['create'] }
    expect(writers).toEqual([
      { role: 'Role gatehouse-system/edge-controller', rule: byName },
      { role: 'Role gatehouse-system/edge-certs', rule: create },
      { role: 'Role gatehouse-system/edge-certs', rule: byName },
      ...(withRedis(one)
        ? [{ role: 'Role gatehouse-system/edge-certs', rule: { ...byName, resourceNames: ['edge-redis'] } }]
        : []),
    ])
  })

  it('binds nothing to data planes, and gives them no token but the projected one', async () => {
    const objects = await objectsOf(one)
    const subjects = objects
      .filter(({ kind }) => kind.endsWith('Binding'))
      .flatMap((binding) => binding['subjects'] as { kind: string; name: string }[])
    expect([...new Set(subjects.map(({ kind, name }) => `${kind} ${name}`))]).toEqual([
      'ServiceAccount edge-controller',
      'ServiceAccount edge-certs',
    ])
    const served = workloadsIn(objects).filter(({ spec }) => spec.serviceAccountName === 'edge-dataplane')
    expect(served.map(({ spec }) => spec.automountServiceAccountToken)).toEqual([false, false])
  })
})

describe('the chart gatehouse-crds', () => {
  it('renders the kinds, and keeps them', async () => {
    const { out } = await helm(['template', 'kinds', chartFolder('gatehouse-crds')])
    const objects = manifestsIn(out)
    expect(objects.map(nameOf).sort()).toEqual([
      'CustomResourceDefinition accesspolicies.gatehouse.dev',
      'CustomResourceDefinition gatehouses.gatehouse.dev',
      'CustomResourceDefinition gatewayroutes.gatehouse.dev',
    ])
    for (const { metadata } of objects)
      expect(metadata.annotations).toMatchObject({ 'helm.sh/resource-policy': 'keep' })
  })
})
