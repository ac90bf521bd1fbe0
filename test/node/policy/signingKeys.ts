import type { Report } from '../../support/report.ts'
import { createIssuer, type Issuer } from '../../support/issuer.ts'
import { soon } from './bounds.ts'
import { bearer, configMap, inTurn, untilAll, type PolicyWorld } from './policyWorld.ts'
import { reportNoFailure, startSteady } from './steady.ts'

const tokensOf = (issuer: Issuer): Promise<string[]> =>
  Promise.all(Array.from({ length: 20 }, (_, index) => issuer.sign({ sub: `caller-${index}`, aud: 'orders' })))

/** Rotates a signing key while its tokens are in use, and removes the old one. */
export async function proveSigningKeys(world: PolicyWorld, report: Report): Promise<void> {
  const [old, next] = await Promise.all(
    ['old', 'new'].map((kid) => createIssuer({ algorithm: 'ES256', kid, issuer: 'https://idp.example/keys' })),
  )
  if (old === undefined || next === undefined) throw new Error('there is no issuer')
  const publish = (...issuers: readonly Issuer[]): Promise<void> => {
    const document = JSON.stringify({ keys: issuers.map(({ jwk }) => jwk) })
    return world.objects.apply(configMap(world.shop, 'signing-keys', 'jwks.json', document))
  }
  const jwks = { configMapRef: { name: 'signing-keys' } }
  const jwt = { issuer: old.issuer, audiences: ['orders'], algorithms: ['ES256'], jwks }
  const [olds, nexts] = await Promise.all([tokensOf(old), tokensOf(next)])
  const question = (token: string | undefined) => ({ path: '/signed', headers: bearer(token ?? '') })

  await publish(old)
  await world.open('signed', { authentication: { anyOf: [{ name: 'staff', jwt }] } })
  await untilAll(world, 0, question(olds[0]), '200')
  let tokens: readonly string[] = olds
  const load = startSteady(100, (index) => inTurn(world, index, question(tokens[index % tokens.length])))
  await load.more(100)
  const published = performance.now()
  await publish(old, next)
  const known = await untilAll(world, published, question(nexts[0]), '200')
  tokens = [...olds, ...nexts]
  await load.more(200)
  tokens = nexts
  // What was sent with an old token has its answer by then.
  await load.more(100)
  for (const token of olds) await untilAll(world, 0, question(token), '200')
  const removed = performance.now()
  await publish(next)
  const gone = await Promise.all(olds.map((token) => untilAll(world, removed, question(token), '401 unauthenticated')))
  await load.more(100)
  await reportNoFailure(load, report, 'policy.signing-keys', 500)
  report.line('policy.signing-keys.new-key-counts', known, 'ms', { atMost: soon })
  report.line('policy.signing-keys.old-key-gone', Math.max(...gone), 'ms', { atMost: soon })
}
