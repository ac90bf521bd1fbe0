import { createAuthority, type Authority } from '../../support/authority.ts'
import type { Report } from '../../support/report.ts'
import { waitUntil } from '../../support/waitUntil.ts'
import { soon } from './bounds.ts'
import type { BridgeAgent } from './bridgeAgent.ts'
import type { Manifest } from './objects.ts'
import { configMap, inTurn, untilAll, type PolicyWorld } from './policyWorld.ts'
import { reportNoFailure, startSteady } from './steady.ts'

/** The ConfigMap of a listener's client authorities. */
export const clientAuthorities = 'policy-clients'

/** @param namespace - of the installation */
export const trusting = (namespace: string, ...authorities: readonly Authority[]): Manifest =>
  configMap(namespace, clientAuthorities, 'ca.crt', authorities.map(({ certificate }) => certificate).join('\n'))

const workload = 'billing.mesh.example'
const path = '/workloads'

async function connectionsOf(world: PolicyWorld, authority: Authority): Promise<BridgeAgent> {
  const leaf = await authority.leaf({ dnsNames: [workload], usages: ['clientAuth'] })
  return world.agent({ cert: leaf.certificate, key: leaf.privateKey })
}

/** Replaces the authority of client certificates while connections with some of the old one are in use. */
export async function proveClientAuthority(world: PolicyWorld, old: Authority, report: Report): Promise<void> {
  const { namespace } = world.release
  const next = await createAuthority('Second clients')
  const mtls = { subjectAltNames: [{ type: 'DNS', pattern: '*.mesh.example' }] }
  const kept = await connectionsOf(world, old)
  await world.open('workloads', { authentication: { anyOf: [{ name: 'workloads', mtls }] } })
  await untilAll(world, 0, { path, agent: kept }, '200')
  const load = startSteady(50, (index) => inTurn(world, index, { path, agent: kept }))
  await load.more(25)

  // Both: connections stay as they are.
  const added = performance.now()
  await world.objects.apply(trusting(namespace, old, next))
  const counts = await untilNewOnes(world, next, added, '200')
  await load.more(50)
  await reportNoFailure(load, report, 'policy.client-authority', 75)
  report.line('policy.client-authority.new-authority-counts', counts, 'ms', { atMost: soon })

  const several = (): Promise<(string | null)[]> =>
    Promise.all(Array.from({ length: 20 }, (_, index) => inTurn(world, index, { path, agent: kept })))
  await several()

  // Only the new one: the next request of each old connection is its last.
  const removed = performance.now()
  await world.objects.apply(trusting(namespace, next))
  const ended = await untilAll(world, removed, { path, agent: kept }, '421 misdirected')
  report.line('policy.client-authority.old-connections-end', ended, 'ms', { atMost: soon })
  // The others end likewise; new ones show a certificate that nobody has verified, which is none.
  const later = await several()
  const refusals = ['421 misdirected', '401 unauthenticated']
  const refused = later.filter((answer) => answer !== null && refusals.includes(answer)).length
  report.line('policy.client-authority.old-refused-later', refused, 'requests', { exactly: later.length })
  await untilNewOnes(world, next, removed, '200')
  kept.destroy()
}

/** Opens connections with certificates of an authority until every data plane answers them so. @returns milliseconds */
async function untilNewOnes(world: PolicyWorld, authority: Authority, since: number, wanted: string): Promise<number> {
  let answers: readonly string[] = []
  const holds = async (): Promise<boolean> => {
    const agent = await connectionsOf(world, authority)
    answers = await Promise.all(world.dataplanes.map((address) => world.ask(address, { path, agent })))
    agent.destroy()
    return answers.every((answer) => answer === wanted)
  }
  const told = (): string => `new connections are answered ${wanted} and not ${answers.join(' and ')}`
  await waitUntil(holds, told, { within: 30_000 })
  return performance.now() - since
}
