import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { freePorts } from '../cluster/freePorts.ts'
import { startCommandLine, type Ended } from '../dev/commandLine.ts'
import { waitFor } from './apiRequests.ts'
import { paths, startControlledCluster, type ControlledCluster } from './controlledCluster.ts'
import { ordersRoute } from './shop.ts'

const bin = fileURLToPath(new URL('../../cli/bin', import.meta.url))

let cluster: ControlledCluster

beforeAll(async () => {
  cluster = await startControlledCluster()
})
afterAll(async () => {
  expect(await cluster.close()).toBe(0)
})

const status = (...args: readonly string[]): Promise<Ended> =>
  startCommandLine([join(bin, 'gatehouse'), 'status', ...args], { KUBECONFIG: cluster.server.kubeconfigPath }).ended

interface Fleet {
  readonly ready: number
  readonly behind: number
  readonly refused: number
  readonly dataPlanes?: readonly { readonly instance: string }[]
}

/** Waits until the Gatehouse says this of its fleet. */
const reported = (isIt: (fleet: Fleet) => boolean) =>
  waitFor(cluster.api, paths.gatehouse, ({ body }) => {
    const { fleet } = (body['status'] ?? {}) as { readonly fleet?: Fleet }
    return fleet !== undefined && isIt(fleet)
  })

describe('gatehouse status', () => {
  it('shows who serves what, and ends with 0', async () => {
    await cluster.withDataplane(async () => {
      await reported(({ ready, dataPlanes }) => ready === 1 && dataPlanes?.length === 1)
      const { status: code, out, err } = await status()
      expect({ code, err }).toEqual({ code: 0, err: '' })
      expect(out.split('\n').map((line) => line.split(/ {2,}/))).toMatchObject([
        ['INSTALLATION', 'REVISION', 'DESIRED', 'READY', 'BEHIND', 'REFUSED'],
        ['gatehouse-system/edge', expect.stringMatching(/^[0-9a-f]{12}$/), '1', '1', '0', '0'],
        [''],
        ['INSTALLATION', 'DATA PLANE', 'VERSION', 'REVISION', 'STATE'],
        ['gatehouse-system/edge', 'dp-0', '0.0.0-test', expect.stringMatching(/^[0-9a-f]{12}$/), 'current'],
      ])
    })
  })

  it('says who refused what, also as JSON and as a plugin of kubectl, and ends with 1', async () => {
    const refused = [{ resource: 'route/shop/orders', field: '/rules/0', reason: 'InvalidValue' as const }]
    await cluster.withDataplane(
      async () => {
        await reported((fleet) => fleet.refused === 1)
        const table = await status('edge', '-n', 'gatehouse-system')
        expect(table.status).toBe(1)
        expect(table.out).toContain('gatehouse-system/edge dp-0 refused route/shop/orders /rules/0: InvalidValue')
        const json = await status('-o', 'json')
        expect(json.status).toBe(1)
        expect(JSON.parse(json.out)).toMatchObject({
          installations: [{ name: 'edge', well: false, fleet: { dataPlanes: [{ instance: 'dp-0', refused }] } }],
        })
        const { kubectlPath, kubeconfigPath } = cluster.server
        const plugin = await startCommandLine([kubectlPath, 'gatehouse', 'status'], {
          KUBECONFIG: kubeconfigPath,
          PATH: [bin, dirname(process.execPath), process.env['PATH']].join(delimiter),
        }).ended
        expect(plugin).toMatchObject({ status: 1, out: table.out })
      },
      { reply: () => ({ refused }) },
    )
  })

  it('says who is behind', async () => {
    let count = 0
    await cluster.withDataplane(
      async () => {
        await reported(({ ready, behind, refused }) => ready === 1 && behind === 0 && refused === 0)
        await cluster.apply(ordersRoute({ hostnames: ['www.orders.example'] }))
        await reported(({ behind }) => behind === 1)
        const { status: code, out } = await status()
        expect({ code, state: out.split(/ {2,}/).at(-1) }).toEqual({ code: 1, state: 'behind' })
      },
      { reply: () => (count++ === 0 ? { refused: [] } : 'silence') },
    )
  })

  it.each([
    [['internal'], 'there is no Gatehouse internal'],
    [['-n', 'shop'], 'there is no Gatehouse in namespace shop'],
    [['--kubeconfig', '/nowhere'], '/nowhere is no readable kubeconfig; name one that is, in KUBECONFIG'],
  ])('ends with 2 and a sentence for %j', async (args, sentence) => {
    expect(await status(...args)).toEqual({ status: 2, out: '', err: `gatehouse: ${sentence}` })
  })

  it('ends with 2 where no API server answers', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-kubeconfig-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const [port = 0] = await freePorts(1)
    const file = join(folder, 'kubeconfig')
    const text = await readFile(cluster.server.kubeconfigPath, 'utf8')
    const url = `https://127.0.0.1:${port}`
    await writeFile(file, text.replace(cluster.server.url, url))
    const err = `gatehouse: the API server ${url} cannot be reached: ECONNREFUSED; start it, or choose another context of the kubeconfig`
    expect(await status('--kubeconfig', file)).toEqual({ status: 2, out: '', err })
  })
})
