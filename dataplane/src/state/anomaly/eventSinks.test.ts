import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createEventSinks, type DeliveryPace, type SinkSettings } from './eventSinks.ts'
import type { SpikeEvent } from './spikeEvent.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

interface Call {
  readonly method: string | undefined
  readonly path: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

type Answer = (response: ServerResponse, call: Call) => void

const says =
  (status: number, headers: Record<string, string> = {}, body = ''): Answer =>
  (response) =>
    response.writeHead(status, headers).end(body)

/** Takes what is posted to it, on loopback. */
async function receiver(...answers: Answer[]) {
  const calls: Call[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { method, url: path, headers } = request
      const call = { method, path, headers, body: Buffer.concat(parts).toString() }
      calls.push(call)
      const answer = answers[Math.min(calls.length, answers.length) - 1]!
      answer(response, call)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { calls, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events?of=shop` }
}

const pace: DeliveryPace = { waiting: 3, tries: 4, pause: 1, longestPause: 2, time: 200 }

function sending(url: string, over: Partial<SinkSettings> = {}) {
  const sinks = createEventSinks(() => 0.5, pace)
  const outbound = { podCIDRs: [], allowLoopback: true, deniedAddresses: [] }
  const settings: SinkSettings = { type: 'Webhook', url, addresses: 'Public', anchors: null, outbound, ...over }
  const lease = sinks.acquire(JSON.stringify(settings), settings)
  closing.push(() => sinks.close())
  return {
    ...lease.value,
    send: (event: SpikeEvent) => lease.value.send(event),
    lease,
    counts: () => Object.fromEntries(sinks.outcomes()),
  }
}

const none = { delivered: 0, rejected: 0, failed: 0, dropped: 0 }

const event = (over: Partial<SpikeEvent> = {}): SpikeEvent => ({
  id: 'e-1',
  change: 'started',
  policy: 'shop/orders',
  key: [
    { type: 'Tenant', value: 'acme' },
    { type: 'IP', value: null },
  ],
  requests: 120,
  limit: 99.5,
  since: Date.UTC(2026, 10, 24, 3),
  at: Date.UTC(2026, 10, 24, 3, 1),
  ...over,
})

describe('an event', () => {
  it('arrives at a webhook as a CloudEvent', async () => {
    const { calls, url } = await receiver(says(204))
    const { send, counts } = sending(url)
    send(event())
    await expect.poll(counts).toEqual({ ...none, delivered: 1 })
    expect(calls).toMatchObject([
      { method: 'POST', path: '/events?of=shop', headers: { 'content-type': 'application/cloudevents+json' } },
    ])
    expect(JSON.parse(calls[0]!.body)).toEqual({
      specversion: '1.0',
      id: 'e-1',
      source: '/gatehouse/policies/shop/orders',
      type: 'dev.gatehouse.spike.started',
      time: '2026-11-24T03:01:00.000Z',
      datacontenttype: 'application/json',
      data: {
        policy: 'shop/orders',
        key: [
          { type: 'Tenant', value: 'acme' },
          { type: 'IP', value: null },
        ],
        requests: 120,
        limit: 99.5,
        since: '2026-11-24T03:00:00.000Z',
      },
    })
  })

  it('arrives at a collector as a log record of OTLP', async () => {
    const { calls, url } = await receiver(says(200, {}, '{"partialSuccess":{}}'))
    const { send, counts } = sending(url, { type: 'OTLP' })
    send(event({ change: 'ended' }))
    await expect.poll(counts).toEqual({ ...none, delivered: 1 })
    expect(calls[0]!.headers['content-type']).toBe('application/json')
    const { resourceLogs } = JSON.parse(calls[0]!.body) as { resourceLogs: { scopeLogs: { logRecords: object[] }[] }[] }
    expect(resourceLogs[0]!.scopeLogs[0]!.logRecords).toEqual([
      {
        timeUnixNano: '1795489260000000000',
        severityNumber: 9,
        severityText: 'INFO',
        eventName: 'gatehouse.spike.ended',
        body: { stringValue: 'spike-ended' },
        attributes: [
          { key: 'gatehouse.event.id', value: { stringValue: 'e-1' } },
          { key: 'gatehouse.policy', value: { stringValue: 'shop/orders' } },
          { key: 'gatehouse.key.tenant', value: { stringValue: 'acme' } },
          { key: 'gatehouse.key.ip', value: { stringValue: '' } },
          { key: 'gatehouse.requests', value: { intValue: '120' } },
          { key: 'gatehouse.limit', value: { intValue: '99' } },
          { key: 'gatehouse.since', value: { stringValue: '2026-11-24T03:00:00.000Z' } },
        ],
      },
    ])
  })
})

describe('a receiver', () => {
  it.each<[string, Answer]>([
    ['that is down for a moment', says(503)],
    ['that is too busy', says(429)],
    ['that hangs up', (response) => response.destroy()],
    ['that never answers', () => {}],
  ])('%s gets the same event again', async (_name, answer) => {
    const { calls, url } = await receiver(answer, answer, says(200))
    const { send, counts } = sending(url)
    send(event())
    await expect.poll(counts, { timeout: 5000 }).toEqual({ ...none, delivered: 1 })
    expect(calls.map(({ body }) => body)).toEqual([calls[0]!.body, calls[0]!.body, calls[0]!.body])
  })

  it.each<[string, Answer]>([
    ['does not want it', says(400)],
    ['does not know us', says(401)],
    ['sends us on', says(307, { location: 'http://127.0.0.1:1/' })],
  ])('that %s gets it once, and nobody else does', async (_name, answer) => {
    const { calls, url } = await receiver(answer)
    const { send, counts } = sending(url)
    send(event())
    await expect.poll(counts).toEqual({ ...none, rejected: 1 })
    expect(calls).toHaveLength(1)
  })

  it('that is down for good costs each event its tries and no more', async () => {
    const { calls, url } = await receiver(says(500))
    const { send, counts } = sending(url)
    send(event())
    send(event({ id: 'e-2' }))
    await expect.poll(counts).toEqual({ ...none, failed: 2 })
    expect(calls).toHaveLength(2 * pace.tries)
  })

  it.each<[string, Answer]>([
    ['an answer without end', (response) => void response.writeHead(200).write('x'.repeat(100_000))],
    ['a body that is none', says(200, { 'content-encoding': 'gzip' }, 'lies')],
  ])('is not read: %s is an answer', async (_name, answer) => {
    const { url } = await receiver(answer)
    const { send, counts } = sending(url)
    send(event())
    await expect.poll(counts).toEqual({ ...none, delivered: 1 })
  })

  it('that is slow keeps few events waiting, and those beyond are dropped and counted', async () => {
    const open: ServerResponse[] = []
    const { url } = await receiver((response) => open.push(response))
    const { send, counts } = sending(url)
    for (let sent = 0; sent < 10; sent++) send(event({ id: `e-${sent}` }))
    expect(counts()).toEqual({ ...none, dropped: 7 })
    const answering = setInterval(() => open.splice(0).forEach((response) => response.writeHead(200).end()), 1)
    closing.push(() => clearInterval(answering))
    await expect.poll(counts, { timeout: 5000 }).toEqual({ ...none, delivered: 3, dropped: 7 })
  })

  it.each<[string, string, Partial<SinkSettings>]>([
    [
      'on loopback, where that is not allowed',
      'http://127.0.0.1:9/',
      { outbound: { podCIDRs: [], allowLoopback: false, deniedAddresses: [] } },
    ],
    ['at a private address', 'https://10.0.0.1/', {}],
    ['of the metadata service', 'https://169.254.169.254/', {}],
    ['without TLS elsewhere', 'http://192.0.2.1/', {}],
  ])('%s gets nothing', async (_name, url, over) => {
    const { send, counts } = sending(url, over)
    send(event())
    await expect.poll(counts, { timeout: 5000 }).toEqual({ ...none, failed: 1 })
  })

  it('that nobody names any more gets nothing, and what waited is counted', async () => {
    const { calls, url } = await receiver(() => {})
    const { send, counts, lease } = sending(url)
    send(event())
    send(event({ id: 'e-2' }))
    await expect.poll(() => calls.length).toBe(1)
    lease.release()
    expect(counts()).toEqual({ ...none, dropped: 2 })
    send(event({ id: 'e-3' }))
    expect(counts()).toEqual({ ...none, dropped: 3 })
    expect(calls).toHaveLength(1)
  })
})
