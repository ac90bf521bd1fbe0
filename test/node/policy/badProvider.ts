import type { Report } from '../../support/report.ts'
import type { Authority } from '../../support/authority.ts'
import { createIssuer, type Issuer } from '../../support/issuer.ts'
import {
  downPort,
  html,
  identityProviderPort,
  json,
  providerUrl,
  redirectTo,
  silent,
  startIdentityProvider,
  type Behaviour,
  type IdentityProvider,
} from './identityProvider.ts'
import { byKey, createKey } from './liveKeys.ts'
import { bridgeSocket, testAddress } from './nodeBridge.ts'
import { bearer, inTurn, untilAll, type PolicyWorld, type Question } from './policyWorld.ts'
import { quantile, reportNoFailure, startSteady, type Steady, type SteadyResult } from './steady.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const issuer = 'https://idp.example/faults'
const active = { active: true, sub: 'alice', aud: 'orders', iss: issuer }
const unavailable = { keys: '503 key-set-unavailable', tokens: '503 introspection-unavailable' }

/** Each way to fail, by the name of its route; null = nobody listens. */
const faults: readonly (readonly [name: string, keys: Behaviour | null, tokens: Behaviour | null])[] = [
  ['down', null, null],
  ['slow', silent, silent],
  ['html', html, html],
  ['redirect', redirectTo(providerUrl('/keys-good')), redirectTo(providerUrl('/tokens-good'))],
  ['untrue', json({ keys: 'all' }), json({ ...active, active: 'true' })],
]

const inFlight = 10

const behavioursFor = (signing: Issuer): ReadonlyMap<string, Behaviour> =>
  new Map([
    ['/keys-good', json({ keys: [signing.jwk] })],
    ['/tokens-good', json(active)],
    // Long enough that calls pile up.
    ['/tokens-flood', (response) => setTimeout(() => json({ active: false })(response, '', ''), 100)],
    ...faults.flatMap(([name, keys, tokens]): [string, Behaviour][] => [
      ...(keys === null ? [] : ([[`/keys-${name}`, keys]] satisfies [string, Behaviour][])),
      ...(tokens === null ? [] : ([[`/tokens-${name}`, tokens]] satisfies [string, Behaviour][])),
    ]),
  ])

/** Routes that trust the identity provider's path of the same name. */
async function openTrusting(world: PolicyWorld, name: string): Promise<void> {
  const url = providerUrl(`/${name}`, name.endsWith('-down') ? downPort : identityProviderPort)
  const common = { issuer, audiences: ['orders'] }
  const jwt = { ...common, algorithms: ['ES256'], jwks: { uri: url } }
  const introspection = { ...common, url, clientSecretRef: { name: 'policy-idp' }, maxInFlight: inFlight }
  const provider = name.startsWith('keys-') ? { jwt } : { introspection }
  await world.open(name, { authentication: { anyOf: [{ name: 'idp', ...provider }] } })
}

/** Asks a route as fast as it answers, by 50 at a time, each with a credential of its own. @returns answers by how often */
async function flood(world: PolicyWorld, path: string, tokens: readonly string[]): Promise<Record<string, number>> {
  const waiting = tokens.entries()
  const answers: Record<string, number> = {}
  const asker = async (): Promise<void> => {
    for (const [index, token] of waiting) {
      const answer = (await inTurn(world, index, { path, headers: bearer(token) })) ?? '200'
      answers[answer] = (answers[answer] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: 50 }, asker))
  return answers
}

/** Breaks an identity provider in every way while other routes are in use. */
export async function proveBadProvider(world: PolicyWorld, authority: Authority, report: Report): Promise<void> {
  const signing = await createIssuer({ algorithm: 'ES256', issuer })
  const stranger = await createIssuer({ algorithm: 'ES256', issuer })
  const provider = await startIdentityProvider(bridgeSocket(world.node, 'idp'), authority, behavioursFor(signing))
  try {
    const beside = await openBeside(world)
    const quiet = beside()
    await quiet.more(100)
    report.line('policy.idp.median-before', quantile(await quiet.end(), 0.5), 'ms', null)
    const load = beside()
    await proveFaults(world, signing, report)
    await proveFlood(world, { signing, stranger, provider }, report)
    reportBeside(await reportNoFailure(load, report, 'policy.idp.beside', 100), report)
  } finally {
    await provider.close()
  }
}

/** A public route and one with an API key, which nothing of this concerns. */
async function openBeside(world: PolicyWorld): Promise<() => Steady> {
  const key = await createKey(world, 'beside')
  await world.open('beside', { authentication: { anyOf: [byKey('partners')] } })
  const questions: readonly Question[] = [{ path: '/' }, { path: '/beside', headers: { 'x-api-key': key } }]
  for (const question of questions) await untilAll(world, 0, question, '200')
  // Each data plane is asked both.
  return () => startSteady(50, (index) => inTurn(world, index, questions[(index >> 1) % 2]!))
}

function reportBeside(result: SteadyResult, report: Report): void {
  report.line('policy.idp.beside.median', quantile(result, 0.5), 'ms', { atMost: 100 })
  report.line('policy.idp.beside.99th', quantile(result, 0.99), 'ms', { atMost: 1000 })
}

async function proveFaults(world: PolicyWorld, signing: Issuer, report: Report): Promise<void> {
  const data = { clientId: base64('gatehouse'), clientSecret: base64('secret') }
  const annotations = {
    'gatehouse.dev/destination-hosts': `${testAddress}:${identityProviderPort}, ${testAddress}:${downPort}`,
  }
  const metadata = { name: 'policy-idp', namespace: world.shop, annotations }
  await world.objects.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'gatehouse.dev/introspection-client',
    metadata,
    data,
  })
  const names = ['good', ...faults.map(([name]) => name)]
  await Promise.all(
    names.flatMap((name) => [openTrusting(world, `keys-${name}`), openTrusting(world, `tokens-${name}`)]),
  )
  const jws = bearer(await signing.sign({ sub: 'alice', aud: 'orders' }))
  const opaque = bearer('opaque')
  await untilAll(world, 0, { path: '/keys-good', headers: jws }, '200')
  await untilAll(world, 0, { path: '/tokens-good', headers: opaque }, '200')
  for (const [name] of faults) {
    const began = performance.now()
    await Promise.all([
      untilAll(world, 0, { path: `/keys-${name}`, headers: jws }, unavailable.keys),
      untilAll(world, 0, { path: `/tokens-${name}`, headers: opaque }, unavailable.tokens),
    ])
    report.line(`policy.idp.${name}.refused-within`, performance.now() - began, 'ms', { atMost: 10_000 })
  }
}

interface Flooded {
  readonly signing: Issuer
  /** Signs with a key that the identity provider does not have. */
  readonly stranger: Issuer
  readonly provider: IdentityProvider
}

const floods = 1000

async function proveFlood(world: PolicyWorld, { signing, stranger, provider }: Flooded, report: Report): Promise<void> {
  await openTrusting(world, 'tokens-flood')
  await untilAll(world, 0, { path: '/tokens-flood', headers: bearer('first') }, '401 unauthenticated')
  const opaque = Array.from({ length: floods }, (_, index) => `opaque-${index}`)
  const answers = await flood(world, '/tokens-flood', opaque)
  const { calls, mostOpen } = provider.usage('/tokens-flood')
  const inactive = answers['401 unauthenticated'] ?? 0
  const saturated = answers[unavailable.tokens] ?? 0
  report.line('policy.idp.flood.inactive', inactive, 'requests', null)
  report.line('policy.idp.flood.not-asked-about', saturated, 'requests', null)
  report.line('policy.idp.flood.tokens-refused', inactive + saturated, 'requests', { exactly: floods })
  report.line('policy.idp.flood.calls', calls, 'calls', { atMost: floods + 2 * world.dataplanes.length })
  report.line('policy.idp.flood.most-at-once', mostOpen, 'calls', { atMost: inFlight * world.dataplanes.length })

  const before = provider.usage('/keys-good').calls
  const signed = await Promise.all(
    Array.from({ length: floods }, (_, index) =>
      stranger.sign({ sub: 'eve', aud: 'orders' }, { kid: `unknown-${index}` }),
    ),
  )
  const judged = await flood(world, '/keys-good', signed)
  report.line('policy.idp.flood.unknown-keys-refused', judged['401 unauthenticated'] ?? 0, 'requests', {
    exactly: floods,
  })
  report.line('policy.idp.flood.fetches', provider.usage('/keys-good').calls - before, 'calls', {
    atMost: 2 * world.dataplanes.length,
  })
  await untilAll(
    world,
    0,
    { path: '/keys-good', headers: bearer(await signing.sign({ sub: 'bob', aud: 'orders' })) },
    '200',
  )
}
