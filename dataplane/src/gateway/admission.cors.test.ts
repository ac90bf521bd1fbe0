import type { Cors } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { admit, allowAuthenticated, decide, gateway, jwt } from './callerFixture.ts'
import type { BuiltGateway } from './build.ts'
import {
  authorizationRule as authorize,
  enforce,
  match,
  policy,
  quota,
  request,
  route,
  rule,
} from './snapshotFixture.ts'

const page = 'https://shop.example'

const cors = (over: Partial<Cors> = {}): Cors => ({
  allowOrigins: [page],
  allowMethods: null,
  allowHeaders: null,
  exposeHeaders: [],
  allowCredentials: true,
  maxAge: 5000,
  ...over,
})

const sharing = enforce('shared')
const attachment = { policy: 'shop/shared', level: 3 }

/** PUT is shared and needs a token; everything else is open and not shared. */
const built = (over: Parameters<typeof policy>[0] = {}): BuiltGateway =>
  gateway(
    policy({ providers: [jwt], rules: [allowAuthenticated], cors: cors(), ...over }, 'shared'),
    route({
      rules: [
        rule({ name: 'put', matches: [match('/', { methods: ['PUT'] })], access: { ...sharing, cors: [attachment] } }),
        rule(),
      ],
    }),
  )

const preflight = (asked = 'PUT', headers: readonly string[] = []) =>
  request('/', ['Origin', page, 'Access-Control-Request-Method', asked, ...headers], { method: 'OPTIONS' })

describe('a preflight (M8)', () => {
  it('is routed by the method that it asks for, and answered without a credential', async () => {
    expect(await admit(built(), preflight())).toMatchObject({
      outcome: 'preflight',
      judgement: { rule: 'put', route: 'shop/orders', principal: null },
      facts: { method: 'OPTIONS' },
    })
  })

  it('is a request like any other where nothing is shared', async () => {
    expect(await admit(built(), preflight('GET'))).toMatchObject({
      outcome: 'permit',
      content: { judgement: { rule: 'all' }, answer: null },
    })
    expect(await admit(built({ cors: null }), preflight())).toMatchObject({ outcome: 'permit' })
  })

  it('is counted before it is answered', async () => {
    const counted = built({ quotas: [quota(['IP'], { rates: [{ limit: 1, window: 1000, burst: 1 }] })] })
    expect(await decide(counted, preflight())).toBe('preflight')
    expect(await admit(counted, preflight())).toMatchObject({ code: 'quota-exceeded', answer: { cors: {} } })
  })

  it('is refused where what it asks for is broken', async () => {
    const broken = authorize('Deny', { methods: ['PUT'], broken: true })
    expect(await decide(built({ rules: [broken, allowAuthenticated] }), preflight())).toBe('config config-invalid')
    const other = authorize('Deny', { methods: ['OPTIONS'], broken: true })
    expect(await decide(built({ rules: [other, allowAuthenticated] }), preflight())).toBe('preflight')
  })

  it('is refused for what its page may not do', async () => {
    expect(await decide(built({ cors: cors({ allowMethods: ['GET'] }) }), preflight())).toBe('cors cors-refused')
  })
})

describe('a refusal', () => {
  it('says who may read it as soon as a rule is found (M18)', async () => {
    const asked = request('/', ['Origin', page], { method: 'PUT' })
    expect(await admit(built(), asked)).toMatchObject({ code: 'unauthenticated', answer: { cors: {} } })
  })
})
