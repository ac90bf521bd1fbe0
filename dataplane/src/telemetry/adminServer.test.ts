import { afterEach, describe, expect, it } from 'vitest'
import { startAdminServer, type AdminServer } from './adminServer.ts'

let server: AdminServer | null = null
afterEach(async () => {
  await server?.close()
  server = null
})

async function started(ready: () => boolean): Promise<string> {
  const metrics = { contentType: 'text/plain; version=0.0.4', text: () => Promise.resolve('gatehouse_x 1\n') }
  server = await startAdminServer({ address: '127.0.0.1', port: 0, metrics, ready })
  return `http://127.0.0.1:${server.port}`
}

describe('startAdminServer', () => {
  it('is alive at once and ready only while a snapshot serves', async () => {
    let ready = false
    const base = await started(() => ready)
    expect((await fetch(`${base}/healthz`)).status).toBe(200)
    expect((await fetch(`${base}/readyz`)).status).toBe(503)
    ready = true
    expect((await fetch(`${base}/readyz`)).status).toBe(200)
  })

  it('serves the metrics and nothing else', async () => {
    const base = await started(() => true)
    const answer = await fetch(`${base}/metrics`)
    expect(await answer.text()).toBe('gatehouse_x 1\n')
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    expect((await fetch(`${base}/`)).status).toBe(404)
    expect((await fetch(`${base}/readyz`, { method: 'POST', body: 'x' })).status).toBe(404)
  })

  it('fails where the address is taken', async () => {
    const base = await started(() => true)
    const metrics = { contentType: 'text/plain', text: () => Promise.resolve('') }
    const again = startAdminServer({
      address: '127.0.0.1',
      port: Number(new URL(base).port),
      metrics,
      ready: () => true,
    })
    await expect(again).rejects.toThrow('EADDRINUSE')
  })
})
