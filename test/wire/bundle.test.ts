import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { seal } from '@gatehouse/contract'
import { benchResources, guardedRequest, signTokens } from '../../bench/scenario.ts'
import { writeBundle } from '../../scripts/images/bundle.ts'
import { startBackend } from '../support/backend.ts'
import { createIssuer } from '../support/issuer.ts'
import { sendRaw } from '../support/raw.ts'
import { routeResource, ruleTo } from '../support/resources.ts'
import { startServedDataplane } from '../support/servedDataplane.ts'

const root = join(import.meta.dirname, '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bundle-'))
beforeAll(() => writeBundle(root, 'dataplane', folder))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('the bundle of the data plane takes a snapshot, checks tokens, breaks circuits, counts and ends', async () => {
  const issuer = await createIssuer()
  const backend = await startBackend()
  const resources = benchResources(issuer, backend.port)
  const served = await startServedDataplane(resources, { entry: join(folder, 'main.mjs') })
  try {
    const target = await served.process.listener('http')
    const ask = async (request: string) => (await sendRaw(target, request, { responses: 1 })).responses[0]!.status
    const [token] = await signTokens(issuer, 1, 'warm')
    expect(await ask(guardedRequest(token!))).toBe(200)
    expect(await ask(guardedRequest('e30.e30.e30'))).toBe(401)

    const breaker = { errorPercent: 50, minRequests: 2, window: 10_000, openFor: 10_000, slowCall: null }
    const rule = ruleTo('orders')
    if (rule.action.type !== 'Forward') throw new Error('the rule forwards')
    const guarded = routeResource([{ ...rule, action: { ...rule.action, breaker } }])
    const others = resources.filter(({ kind }) => kind !== 'route')
    expect(await served.controller.publish([...others, seal(guarded)])).toMatchObject({ nack: null, refused: [] })
    backend.respond((_, response) => response.writeHead(500).end())
    const request = 'GET /orders HTTP/1.1\r\nHost: api.shop.example\r\n\r\n'
    expect([await ask(request), await ask(request), await ask(request)]).toEqual([500, 500, 503])

    const metrics = await (await fetch(`${await served.process.admin()}/metrics`)).text()
    expect(metrics).toContain('gatehouse_requests_total{listener="http",code_class="2xx",check="none"} 1')
    expect(await served.process.stop()).toBe(0)
  } finally {
    await served.close()
    await backend.close()
  }
})
