import { afterEach, describe, expect, it } from 'vitest'
import type { Resource, Update } from '@gatehouse/contract'
import { startBackend, type Backend } from '../support/backend.ts'
import { startGateway, type GatewayHarness } from '../support/gateway.ts'
import { sendRaw } from '../support/raw.ts'
import {
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
} from '../support/resources.ts'
import { startTamperingProxy, type Tamper, type TamperingProxy } from './tampering.ts'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** A backend that says which one it is. */
async function named(name: string): Promise<Backend> {
  const backend = await startBackend((_request, response) => response.end(name))
  cleanups.push(backend.close)
  return backend
}

const resources = (backend: Backend): Resource[] => [
  installationResource(),
  listenerResource(),
  ...upstreamResources('orders', [backend]),
  policyResource(),
  routeResource([ruleTo('orders')]),
]

async function answerOf(gateway: GatewayHarness): Promise<string> {
  const request = 'GET / HTTP/1.1\r\nHost: api.shop.example\r\nConnection: close\r\n\r\n'
  const { responses } = await sendRaw(gateway.target(), request)
  return responses[0]!.body.toString()
}

interface Tampered {
  readonly gateway: GatewayHarness
  readonly proxy: TamperingProxy
  readonly next: Backend
}

async function startTampered(): Promise<Tampered> {
  const [first, next] = [await named('first'), await named('next')]
  let proxy: TamperingProxy | null = null
  const gateway = await startGateway(resources(first), {
    via: async (channel, controller) => {
      proxy = await startTamperingProxy(channel, controller)
      return proxy.address
    },
  })
  cleanups.push(() => proxy!.close(), gateway.close)
  return { gateway, proxy: proxy!, next }
}

const edit =
  (change: (update: Update & Record<string, unknown>) => void): Tamper =>
  (frame) => {
    const update = JSON.parse(frame) as Update & Record<string, unknown>
    change(update)
    return JSON.stringify(update)
  }

const wrong: [string, Tamper, string][] = [
  ['a torn message', (frame) => frame.slice(0, -30), 'Malformed'],
  ['an unknown field in the envelope', edit((update) => (update['term'] = 7)), 'UnknownField'],
  ['a wrong hash', edit((update) => (update.set[0]!.hash = '0'.repeat(64))), 'HashMismatch'],
  ['a changed resource', edit((update) => (update.set[0]!.spec = { addresses: [] })), 'HashMismatch'],
  ['a wrong revision', edit((update) => (update.revision = '0'.repeat(64))), 'RevisionMismatch'],
  ['a dropped resource', edit((update) => update.set.pop()), 'RevisionMismatch'],
  ['the message of another installation', edit((update) => (update.installation = 'other/edge')), 'WrongInstallation'],
  ['a message out of sequence', edit((update) => (update.sequence = 1)), 'WrongSequence'],
  ['a difference to something else', edit((update) => (update.base = '0'.repeat(64))), 'UnknownBase'],
]

describe('a data plane keeps its gateway', () => {
  it.each(wrong)('through %s, says why, and takes the next sound one', async (_, tamper, reason) => {
    const { gateway, proxy, next } = await startTampered()
    proxy.tamper(tamper)
    const state = await gateway.apply(resources(next))
    expect(state.nack).toMatchObject({ reason })
    expect(await answerOf(gateway)).toBe('first')
    proxy.tamper(null)
    await gateway.controller.states.first(({ revision }) => revision === gateway.controller.push.newest?.revision)
    expect(await answerOf(gateway)).toBe('next')
  })

  it('through a replay of what it already had', async () => {
    const { gateway, proxy, next } = await startTampered()
    const seen: string[] = []
    proxy.tamper((frame) => {
      seen.push(frame)
      return seen.length === 2 ? seen[0]! : frame
    })
    await gateway.apply(resources(next))
    expect(await answerOf(gateway)).toBe('next')
    const state = await gateway.apply(resources(await named('third')))
    expect(state.nack).toMatchObject({ reason: 'WrongSequence' })
    expect(await answerOf(gateway)).toBe('next')
  })
})
