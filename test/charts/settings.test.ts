import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCertsConfig, readConfig as readController } from '../../controller/src/config.ts'
import { readConfig as readDataplane } from '../../dataplane/src/config.ts'
import { chartCases, objectsOf, type ChartCase } from './cases.ts'
import { workloadsIn, type Container } from './manifests.ts'

type Program = 'controller' | 'dataplane'

/** What `controller certs` alone is told. */
const ofHook: readonly string[] = ['GATEHOUSE_REDIS']

interface Setting {
  readonly name: string
  /** Absent where it comes from the Pod. */
  readonly value?: string
}

/** The environment that the chart gives a process. */
async function environmentOf(one: ChartCase, program: Program | 'certs'): Promise<Readonly<Record<string, string>>> {
  const workload = workloadsIn(await objectsOf(one)).find(
    ({ manifest }) => manifest.metadata.name === `edge-${program}`,
  )
  const [container] = workload?.spec.containers ?? []
  const { env } = container as Container & { readonly env: readonly Setting[] }
  return Object.fromEntries(env.map(({ name, value }) => [name, value ?? `edge-${program}-x`]))
}

const settingsOf = (program: Program): readonly string[] => {
  const text = readFileSync(join(import.meta.dirname, '../..', program, 'src/config.ts'), 'utf8')
  return [...new Set([...text.matchAll(/'(GATEHOUSE_[A-Z_]+)'/g)].map(([, name]) => name ?? ''))]
}

describe.each(chartCases)('what processes are told by case $name', (one) => {
  it('is what they read', async () => {
    const dataplane = readDataplane(await environmentOf(one, 'dataplane'))
    expect(dataplane).toMatchObject({
      installation: { namespace: 'gatehouse-system', name: 'edge' },
      controllers: ['edge-controller.gatehouse-system.svc:9443'],
      instance: 'edge-dataplane-x',
      admin: { address: '0.0.0.0', port: 9090 },
      drain: one.name === 'full' ? { delay: 0, deadline: 60_000 } : { delay: 5000, deadline: 30_000 },
      logs: { security: true, audit: one.name !== 'full' },
    })
    expect(readController(await environmentOf(one, 'controller'))).toMatchObject({
      installation: { namespace: 'gatehouse-system', name: 'edge' },
      push: { address: '0.0.0.0', port: 9443 },
      admin: { address: '0.0.0.0', port: 9091 },
      dataplaneService: { namespace: 'gatehouse-system', name: 'edge' },
    })
  })

  it('tells the hook of the Redis that there is', async () => {
    const redis = one.name === 'redis' ? 'edge-redis.gatehouse-system.svc:6379' : null
    expect(readCertsConfig(await environmentOf(one, 'certs'))).toMatchObject({
      installation: { namespace: 'gatehouse-system', name: 'edge' },
      redis,
    })
  })

  it.each(['controller', 'dataplane'] as const)('leaves no setting of the %s to chance', async (program) => {
    const told = Object.keys(await environmentOf(one, program))
    expect(settingsOf(program).length).toBeGreaterThan(4)
    expect(settingsOf(program).filter((name) => ![...told, ...ofHook].includes(name))).toEqual([])
  })
})
