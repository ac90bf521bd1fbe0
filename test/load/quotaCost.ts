import { seal } from '@gatehouse/contract'
import { cpuPerRequest, type Subject } from '../../bench/cpuPerRequest.ts'
import { guardedPolicy } from '../../bench/guardedPolicy.ts'
import { median, ratio } from '../../bench/measured.ts'
import { pin, startPortProcess, usableCores } from '../../bench/process.ts'
import { signTokens, tokenRequest } from '../../bench/scenario.ts'
import { storeResource } from '../support/countingFleet.ts'
import { createIssuer, type Issuer } from '../support/issuer.ts'
import { startRedis } from '../support/redisServer.ts'
import type { Report } from '../support/report.ts'
import {
  enforce,
  installationResource,
  listenerResource,
  routeResource,
  ruleTo,
  under,
  upstreamResources,
} from '../support/resources.ts'
import { startServedDataplane, type ServedDataplane } from '../support/servedDataplane.ts'

const connections = 32
const tokens = 1000

export interface CostSizes {
  readonly rounds: number
  /** Of each kind in a round, and twice as many before the first. */
  readonly requests: number
}

export const costMethod = ({ rounds, requests }: CostSizes): string =>
  `**Cost.** CPU time of a data plane for each request, as in [cost](cost.md) and with its policy: an RS256 token, a tenant, a role and a bucket for each of ${tokens} principals, which the data plane counts for itself, or all count together, exactly or by leases of a tenth of the limit. The data plane has a core of its own; the load (${connections} connections), the backend and Redis have the other. ${rounds} rounds of ${requests} requests of each kind in turn; every answer must be 200. A ratio is the median of the rounds' ratios.`

/** Rules by how their bucket is counted, at the path of the same name. */
const kinds = {
  guarded: undefined,
  exact: { sharePercent: null, onStoreFailure: 'Deny' },
  leased: { sharePercent: 10, onStoreFailure: 'Deny' },
} as const
type Kind = keyof typeof kinds
const names = Object.keys(kinds) as readonly Kind[]

function resources(issuer: Issuer, ports: { readonly backend: number; readonly redis: number }) {
  const limits = { limit: 1_000_000, window: 1000 }
  return [
    installationResource(),
    listenerResource(),
    storeResource({ type: 'Single', server: { host: '127.0.0.1', port: ports.redis } }),
    ...upstreamResources('orders', [{ address: '127.0.0.1', port: ports.backend }]),
    { kind: 'keySet' as const, name: 'shop/keys', spec: { type: 'Inline' as const, keys: [issuer.jwk] } },
    ...names.map((name) =>
      guardedPolicy(issuer, { name, ...limits, ...(kinds[name] === undefined ? {} : { shared: kinds[name] }) }),
    ),
    routeResource(names.map((name) => ruleTo('orders', { name, matches: under(`/${name}`), access: enforce(name) }))),
  ].map(seal)
}

type Rounds = Readonly<Record<Kind, readonly number[]>>

async function alternate(subject: Subject, known: readonly string[], sizes: CostSizes): Promise<Rounds> {
  const ask = (kind: Kind, requests: number): Promise<number> => {
    const own = known.map((token) => tokenRequest(`/${kind}`, token))
    return cpuPerRequest(subject, { connections, requests, request: (index) => own[index % own.length]! })
  }
  const took = { guarded: [] as number[], exact: [] as number[], leased: [] as number[] }
  for (const kind of names) await ask(kind, 2 * sizes.requests)
  for (let round = 0; round < sizes.rounds; round++)
    for (const kind of names) took[kind].push(await ask(kind, sizes.requests))
  return took
}

async function ready({ process }: ServedDataplane): Promise<Subject> {
  const { port } = await process.listener('http')
  process.discardLines()
  return { pid: process.pid, port }
}

/** What a shared quota adds to the processor time of the policy path. */
export async function measureCost(report: Report, sizes: CostSizes): Promise<void> {
  const [proxyCore, loadCore] = await usableCores()
  pin(process.pid, loadCore)
  const issuer = await createIssuer()
  const known = await signTokens(issuer, tokens, 'warm')
  const redis = await startRedis()
  const backend = await startPortProcess('backend.ts', loadCore)
  const served = await startServedDataplane(resources(issuer, { backend: backend.port, redis: redis.port }), {
    core: proxyCore,
  })
  try {
    const { guarded, exact, leased } = await alternate(await ready(served), known, sizes)
    report.line('cost-counted-apart', median(guarded), 'us a request', null)
    report.line('cost-exact', median(exact), 'us a request', null)
    report.line('cost-exact-ratio', ratio(exact, guarded), 'of apart', { atMost: 1.3 })
    report.line('cost-leased', median(leased), 'us a request', null)
    report.line('cost-leased-ratio', ratio(leased, guarded), 'of apart', { atMost: 1.3 })
  } finally {
    await served.close()
    backend.close()
    await redis.close()
  }
}
