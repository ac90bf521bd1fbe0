import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTenantsShop, type TenantsShop } from './tenantsShop.ts'

let shop: TenantsShop
beforeAll(async () => {
  shop = await startTenantsShop()
})
afterAll(() => shop.close())

const admin = { sub: 'eve', aud: 'web', roles: ['admin'] }

/** A sound request of another tenant passes afterwards: whatever came before it has come by then. */
async function expectHonest(): Promise<void> {
  const passed = await shop.ask('web.honest.example', await shop.idp.sign({ sub: 'ada', aud: 'web' }))
  expect(passed).toMatchObject({ status: 200, reached: 1 })
}

interface Attempt {
  readonly name: string
  readonly host: string
  readonly token: (shop: TenantsShop) => Promise<string> | null
  readonly status: number
  readonly line: { readonly [field: string]: unknown }
}

const platform = 'gatehouse-system/platform'

const attempts: readonly Attempt[] = [
  {
    name: 'a route that its tenant opens to everybody, where the installation forbids it',
    host: 'open.evil.example',
    token: () => null,
    status: 401,
    line: { check: 'authentication', policy: platform, level: 0, principal: null },
  },
  {
    name: "the installation's issuer with the tenant's keys",
    host: 'stolen.evil.example',
    token: ({ stolen }) => stolen.sign(admin),
    status: 500,
    line: { check: 'authentication', item: 'mine', principal: null },
  },
  {
    name: "a sound token of the installation's, to a provider that only borrows the issuer's name",
    host: 'stolen.evil.example',
    token: ({ idp }) => idp.sign(admin),
    status: 500,
    line: { check: 'authentication', item: 'mine', principal: null },
  },
  {
    name: 'a role that only the tenant vouches for, where the installation asks for it (M5)',
    host: 'own.evil.example',
    token: ({ own }) => own.sign(admin),
    status: 403,
    line: { check: 'authorization', policy: 'gatehouse-system/admins', level: 1, item: 'admins' },
  },
  {
    name: 'the same beside a provider of the installation',
    host: 'used.evil.example',
    token: ({ own }) => own.sign(admin),
    status: 403,
    line: { check: 'authorization', policy: 'gatehouse-system/admins', level: 1, item: 'admins' },
  },
  {
    name: 'a caller whom the installation knows and does not give the role',
    host: 'used.evil.example',
    token: ({ idp }) => idp.sign({ ...admin, roles: ['user'] }),
    status: 403,
    line: { check: 'authorization', policy: 'gatehouse-system/admins', level: 1 },
  },
  {
    name: "a provider that goes by the name of the installation's",
    host: 'named.evil.example',
    token: ({ own }) => own.sign(admin),
    status: 500,
    line: { check: 'config', principal: null },
  },
  {
    name: "a tenant's provider, where narrower policies may only choose",
    host: 'own.bound.example',
    token: ({ own }) => own.sign(admin),
    status: 401,
    line: { check: 'authentication', policy: 'gatehouse-system/closed', level: 1, principal: null },
  },
  {
    name: 'a route of which one host of two is exempt',
    host: 'partly.docs.example',
    token: () => null,
    status: 401,
    line: { check: 'authentication', policy: platform, level: 0, principal: null },
  },
]

describe('attack: levels', () => {
  for (const { name, host, token, status, line } of attempts) {
    it(name, async () => {
      const outcome = await shop.ask(host, await token(shop))
      expect(outcome).toMatchObject({ status, reached: 0, line: { log: 'security', ...line } })
      await expectHonest()
    })
  }

  it('lets in whom the installation gives the role, by the provider that the tenant uses', async () => {
    expect(await shop.ask('used.evil.example', await shop.idp.sign(admin))).toMatchObject({ status: 200, reached: 1 })
  })

  it('keeps from a tenant what the provider that it borrowed has verified', async () => {
    const token = await shop.idp.sign(admin)
    const { status, seen } = await shop.ask('used.evil.example', token)
    expect(status).toBe(200)
    expect(seen).not.toContain(`Bearer ${token}`)
  })

  it('lets a credential go on to a backend, but not where a wider level keeps it', async () => {
    const token = await shop.own.sign(admin)
    const [sent, kept] = [await shop.ask('own.sent.example', token), await shop.ask('own.kept.example', token)]
    expect([sent.status, kept.status]).toEqual([200, 200])
    expect(sent.seen).toContain(`Bearer ${token}`)
    expect(kept.seen).not.toContain(`Bearer ${token}`)
  })

  it('lets everybody in where a route is exempt with all that it is served on', async () => {
    expect(await shop.ask('exempt.docs.example', null)).toMatchObject({ status: 200, reached: 1 })
  })

  it('keeps a tenant whose neighbour targets it as it was', async () => {
    for (let index = 0; index < 3; index++) await expectHonest()
    expect(await shop.ask('web.honest.example', null)).toMatchObject({ status: 401, reached: 0 })
  })
})
