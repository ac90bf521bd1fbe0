import { createServer, request as send, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Dispatcher } from 'undici'
import { Pool } from 'undici'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../clock.ts'
import type { RequestFacts } from '../gateway/facts.ts'
import type { PermitContent } from '../gateway/gateway.ts'
import { blankJudgement } from '../gateway/refusing.ts'
import type { RefusalCode } from '../gateway/refusal.ts'
import { NamespaceLoads } from '../state/namespaceLoads.ts'
import { Http1Response } from '../http/http1Response.ts'
import { Alarms } from './alarms.ts'
import { idlePlan } from './planFixture.ts'
import { Exchange } from './exchange.ts'

const facts: RequestFacts = {
  id: '0123456789abcdef0123456789abcdef',
  method: 'GET',
  host: 'api.shop.example',
  authority: 'api.shop.example',
  path: '/',
  query: '',
  rawHeaders: [],
  headers: new Map(),
  clientAddress: '192.0.2.1',
  forwardedFor: [],
  connection: {
    listener: 'http',
    socket: 'HTTP 127.0.0.1 80',
    scheme: 'http',
    peerAddress: '192.0.2.1',
    announced: false,
    serverName: null,
    clientCertificate: null,
    certificate: null,
    trustHash: null,
  },
}

const content: PermitContent = {
  facts,
  plan: idlePlan,
  judgement: blankJudgement(),
  principal: null,
  credentialHeaders: [],
  allowedHeaders: null,
  identityHeaders: [],
  quotas: [],
  weights: null,
  maxBodySize: 1024,
  body: [],
  answer: null,
  whole: null,
  mark: null,
  trial: null,
}

let pool: Pool
let message: { request: IncomingMessage; response: Http1Response }
let close: () => Promise<void>
beforeEach(async () => {
  pool = new Pool('http://127.0.0.1:1')
  const server = createServer({ ServerResponse: Http1Response })
  const arrived = new Promise<typeof message>((resolve) => {
    server.once('request', (request, response) => resolve({ request, response }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  send({ port, host: '127.0.0.1' })
    .on('error', () => {})
    .end()
  message = await arrived
  close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await pool.destroy()
  }
})
afterEach(() => close())

const controller = (): Dispatcher.DispatchController => ({
  aborted: false,
  paused: false,
  reason: null,
  abort: () => {},
  pause: () => {},
  resume: () => {},
})

function exchange() {
  const target = { pool, address: '127.0.0.1:1', inFlight: 0, ended: () => {} }
  const failures: RefusalCode[] = []
  const client = {
    ...message,
    arrived: 0,
    goOn: () => {},
    failed: (code: RefusalCode) => void failures.push(code),
  }
  const loads = new NamespaceLoads()
  loads.adopt(2)
  const load = loads.of('shop')
  const side = {
    name: 'shop/orders:80',
    load,
    whole: null,
    upload: null,
    retrying: null,
    edit: null,
    owner: 'shop',
  }
  const made = new Exchange(client, side, content, {
    clock: systemClock,
    alarms: new Alarms(),
    buffers: { came: () => {} },
  })
  const begin = () => made.begin({ target, call: null, place: null })
  return { made, begin, attempt: begin(), target, load, failures }
}

describe('an exchange', () => {
  it('that was given up while it waited takes itself off the connection that it gets, and spares it', () => {
    const { made, attempt, target, failures } = exchange()
    made.close()
    expect(target.inFlight).toBe(1)
    let aborted = false
    expect(() => attempt.onRequestStart({ ...controller(), abort: () => (aborted = true) })).toThrow('given up')
    expect(aborted).toBe(false)
    attempt.onResponseError(null, new Error('as thrown'))
    expect(target.inFlight).toBe(0)
    expect(failures).toEqual([])
  })

  it('gives its place in the pool back once', () => {
    const { attempt, target } = exchange()
    attempt.onRequestStart(controller())
    attempt.onResponseError(null, new Error('first'))
    attempt.onResponseError(null, new Error('second'))
    expect(target.inFlight).toBe(0)
  })

  it('counts as one request until its connection is done with it, also after its end', () => {
    const { made, attempt, load } = exchange()
    attempt.onRequestStart(controller())
    expect(load.requests).toBe(1)
    made.close()
    expect(load.requests).toBe(1)
    attempt.onResponseError(null, new Error('as aborted'))
    expect(load.requests).toBe(0)
  })

  it('counts once more for each try that holds a connection beside the newest, within the bound', () => {
    const { made, begin, attempt, load } = exchange()
    attempt.giveUp('neutral')
    expect(made.mayBegin()).toBe(true)
    const second = begin()
    expect([load.requests, load.full, made.mayBegin()]).toEqual([2, true, false])
    attempt.onResponseError(null, new Error('as thrown'))
    expect([load.requests, load.full]).toEqual([1, false])
    second.onResponseError(null, new Error('second'))
    made.close()
    expect(load.requests).toBe(0)
  })

  it.each([
    ['UND_ERR_INVALID_ARG', 'bad-request'],
    ['UND_ERR_DESTROYED', 'upstream-connect'],
    ['ECONNREFUSED', 'upstream-connect'],
  ])('that undici does not begin because of %s is %s', (code, expected) => {
    const { made, attempt, failures } = exchange()
    attempt.onResponseError(null, Object.assign(new Error(), { code }))
    expect(failures).toEqual([expected])
    expect(made.fault).toBe(expected)
  })
})
