import type { Report } from '../../support/report.ts'
import { createIssuer } from '../../support/issuer.ts'
import { soon } from './bounds.ts'
import { bearer, configMap, inTurn, policyOf, untilAll, untilCondition, type PolicyWorld } from './policyWorld.ts'
import { reportNoFailure, startSteady } from './steady.ts'

/** Ends tokens that are in use, and then spoils the list. */
export async function proveRevocation(world: PolicyWorld, report: Report): Promise<void> {
  const { issuer, jwks, sign } = await createIssuer({ algorithm: 'ES256', issuer: 'https://idp.example/revocation' })
  const jwt = { issuer, audiences: ['orders'], algorithms: ['ES256'], jwks: { inline: jwks } }
  const anyOf = [{ name: 'staff', jwt }]
  const access = { authentication: { anyOf, revocations: { configMapRef: { name: 'revoked' } } } }
  const list = (text: string): Promise<void> =>
    world.objects.apply(configMap(world.shop, 'revoked', 'revocations.json', text))
  const token = async (jti: string) => ({
    path: '/revocable',
    headers: bearer(await sign({ sub: jti, jti, aud: 'orders' })),
  })
  const [first, second, other] = [await token('first'), await token('second'), await token('other')]

  await list('[]')
  await world.open('revocable', access)
  for (const one of [first, second, other]) await untilAll(world, 0, one, '200')
  const load = startSteady(50, (index) => inTurn(world, index, other))
  const revoke = async (text: string, question: typeof first): Promise<number> => {
    const revoked = performance.now()
    await list(text)
    return await untilAll(world, revoked, question, '401 unauthenticated')
  }
  const entries = [{ issuer, jti: 'first' }]
  report.line('policy.revocation.token-refused', await revoke(JSON.stringify(entries), first), 'ms', { atMost: soon })

  await list('[{"issuer":')
  await untilCondition(world, policyOf(world.shop, 'revocable', access), 'ResolvedRefs=False/InvalidRevocations')
  await load.more(25)
  await untilAll(world, 0, first, '401 unauthenticated')
  await untilAll(world, 0, second, '200')
  const mended = JSON.stringify([...entries, { issuer, jti: 'second' }])
  report.line('policy.revocation.mended-list', await revoke(mended, second), 'ms', { atMost: soon })
  await untilAll(world, 0, first, '401 unauthenticated')
  await reportNoFailure(load, report, 'policy.revocation', 25)
}
