import { afterEach, describe, expect, it } from 'vitest'
import { revisionOf, seal, type Resource, type Update } from '@gatehouse/contract'
import { ed25519Signer, signStatement } from '../../controller/src/push/signer.ts'
import { startBackend, type Backend } from '../support/backend.ts'
import { startGateway, type GatewayHarness } from '../support/gateway.ts'
import { sendRaw } from '../support/raw.ts'
import { createSigningKeys } from '../support/signing.ts'
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

/** What somebody can do who has the channel but not the signing key. */
function rehash(update: Update): void {
  const [first, ...others] = update.set.map(({ kind, name, spec }) => seal({ kind, name, spec } as Resource))
  const changed = seal({ ...first!, spec: { addresses: [] } } as unknown as Resource)
  update.set = [changed, ...others]
  update.base = null
  update.revision = revisionOf(update.set)
}

function signAnew(update: Update): void {
  const { signature } = signStatement(ed25519Signer(createSigningKeys().privateKey), update)
  update.signature = signature
}

const wrong: [string, Tamper, string][] = [
  ['a torn message', (frame) => frame.slice(0, -30), 'Malformed'],
  ['an unknown field in the envelope', edit((update) => (update['epoch'] = 7)), 'UnknownField'],
  ['a wrong hash', edit((update) => (update.set[0]!.hash = '0'.repeat(64))), 'HashMismatch'],
  ['a changed resource', edit((update) => (update.set[0]!.spec = { addresses: [] })), 'HashMismatch'],
  ['a wrong revision', edit((update) => (update.revision = '0'.repeat(64))), 'BadSignature'],
  ['a changed resource with its hash and revision made anew', edit(rehash), 'BadSignature'],
  ['a changed term', edit((update) => (update.term += 1)), 'BadSignature'],
  ['a changed sequence', edit((update) => (update.sequence += 1)), 'BadSignature'],
  ['a changed time', edit((update) => (update.issuedAt += 1)), 'BadSignature'],
  ['the signature of another key', edit(signAnew), 'BadSignature'],
  ['a dropped resource', edit((update) => update.set.pop()), 'RevisionMismatch'],
  ['the message of another installation', edit((update) => (update.installation = 'other/edge')), 'BadSignature'],
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
      return seen.length < 3 ? frame : seen[0]!
    })
    await gateway.apply(resources(next))
    expect(await answerOf(gateway)).toBe('next')
    await gateway.apply(resources(await named('third')))
    const state = await gateway.apply(resources(await named('fourth')))
    expect(state.nack).toMatchObject({ reason: 'StaleSequence' })
    expect(await answerOf(gateway)).toBe('third')
  })
})
