import { fileURLToPath } from 'node:url'
import type { Report } from '../../support/report.ts'
import { soon } from './bounds.ts'
import { inTurn, untilAll, type PolicyWorld, type Question } from './policyWorld.ts'
import { reportNoFailure, startSteady } from './steady.ts'

const gatehouse = fileURLToPath(new URL('../../../cli/bin/gatehouse', import.meta.url))
const labels = { 'gatehouse.dev/api-keys': 'partners' }

/** Makes a key by command. */
export async function createKey({ node, shop }: PolicyWorld, client: string): Promise<string> {
  const label = Object.entries(labels).map(([name, value]) => `${name}=${value}`)
  const args = ['create', client, '--namespace', shop, '--secret', client, '--role', 'reader', '-l', ...label]
  return (await node.inside([gatehouse, 'keys', ...args])).stdout.trim()
}

/** Whoever has a key of a client. */
export const byKey = (client: string): object => ({
  name: client,
  apiKey: { from: [{ header: 'x-api-key' }], secretSelector: { matchLabels: labels } },
  asserts: { roles: ['reader'] },
})

/** Rotates a client's key by command and revokes the older one. */
export async function proveLiveKeys(world: PolicyWorld, report: Report): Promise<void> {
  const asking = (key: string): Question => ({ path: '/keys', headers: { 'x-api-key': key } })
  const command = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await world.node.inside([gatehouse, 'keys', ...args, '--namespace', world.shop])
    return stdout.trim()
  }
  const old = asking(await createKey(world, 'acme'))
  const principal = [{ attribute: 'Role', anyOf: ['reader'] }]
  await world.open('keys', { authentication: { anyOf: [byKey('partners')] }, principal })
  await untilAll(world, 0, old, '200')
  const next = asking(await command('rotate', 'acme', '--secret', 'acme', '--overlap', '1h'))
  const rotated = performance.now()
  report.line('policy.keys.new-key-counts', await untilAll(world, rotated, next, '200'), 'ms', { atMost: soon })
  const load = startSteady(50, (index) => inTurn(world, index, next))
  await untilAll(world, 0, old, '200')
  // The command writes at some time before it ends.
  const began = performance.now()
  const refused = untilAll(world, began, old, '401 unauthenticated')
  await command('revoke', 'acme', '--secret', 'acme', '--old')
  const ended = performance.now() - began
  report.line('policy.keys.old-key-refused', Math.max(0, (await refused) - ended), 'ms after the command', {
    atMost: soon,
  })
  await load.more(25)
  await reportNoFailure(load, report, 'policy.keys', 25)
}
