import type { Report } from '../../support/report.ts'
import { soon } from './bounds.ts'
import { createIssuer } from '../../support/issuer.ts'
import { bearer, policyOf, untilAll, untilCondition, type PolicyWorld, type RouteAccess } from './policyWorld.ts'

const good = Array.from({ length: 50 }, (_, index) => `good-${index}`)
const anyone: RouteAccess = {
  authentication: { anyOf: [{ name: 'public', anonymous: {} }] },
  principal: [{ attribute: 'Anyone' }],
}
const brokenIssuer = 'https://idp.example/missing'
/** Its keys are in a ConfigMap that nobody has made. */
const broken: RouteAccess = {
  authentication: {
    anyOf: [
      {
        name: 'staff',
        jwt: {
          issuer: brokenIssuer,
          audiences: ['orders'],
          algorithms: ['ES256'],
          jwks: { configMapRef: { name: 'missing' } },
        },
      },
    ],
  },
}

/** Puts a policy that is broken among fifty that are not, and changes one of these. */
export async function proveManyPolicies(world: PolicyWorld, report: Report): Promise<void> {
  const began = performance.now()
  await Promise.all(good.map((name) => world.open(name, anyone)))
  await Promise.all(good.map((name) => untilAll(world, began, { path: `/${name}` }, '200')))
  report.line('policy.many.fifty-serve', performance.now() - began, 'ms', null)
  const { sign } = await createIssuer({ algorithm: 'ES256', issuer: brokenIssuer })
  const claimed = { path: '/broken', headers: bearer(await sign({ sub: 'alice', aud: 'orders' })) }
  const opened = performance.now()
  await world.open('broken', broken)
  const refused = await untilAll(world, opened, claimed, '500 config-invalid')
  report.line('policy.many.broken-refused', refused, 'ms', { atMost: soon })
  await untilCondition(world, policyOf(world.shop, 'broken', broken), 'ResolvedRefs=False/RefNotFound')
  const answers = await Promise.all(
    good.flatMap((name) => world.dataplanes.map((address) => world.ask(address, { path: `/${name}` }))),
  )
  const served = answers.filter((answer) => answer === '200').length
  report.line('policy.many.served-beside', served, 'requests', { exactly: answers.length })
  const updated = performance.now()
  const name = 'good-17'
  await world.objects.apply(policyOf(world.shop, name, { ...anyone, principal: [{ attribute: 'Authenticated' }] }))
  const effective = await untilAll(world, updated, { path: `/${name}` }, '403 forbidden')
  report.line('policy.many.update-among-them', effective, 'ms', { atMost: soon })
  const others = await Promise.all(
    good.filter((other) => other !== name).map((other) => untilAll(world, 0, { path: `/${other}` }, '200')),
  )
  report.line('policy.many.others-serve-on', others.length, 'routes', { exactly: good.length - 1 })
}
