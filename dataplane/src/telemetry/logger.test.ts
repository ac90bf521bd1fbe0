import { describe, expect, it } from 'vitest'
import type { Clock } from '../clock.ts'
import { auditFields } from './auditLog.ts'
import { LineWriter, type LineSink } from './lineWriter.ts'
import { createLogger, type Logger } from './logger.ts'
import { operationalFields } from './operationalLog.ts'
import type { DecisionRecord } from './record.ts'
import { securityFields } from './securityLog.ts'

const clock: Clock = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6), monotonic: () => 0 }

const record: DecisionRecord = {
  requestId: 'r1',
  revision: 'f'.repeat(64),
  listener: 'http',
  method: 'GET',
  host: 'api.shop.example',
  path: '/orders',
  clientAddress: '192.0.2.1',
  decision: 'permit',
  code: null,
  check: null,
  status: 200,
  judgement: {
    route: 'shop/orders',
    rule: 'all',
    policy: 'shop/p',
    item: 'staff',
    level: 3,
    anomaly: null,
    principal: '["a","b","c"]',
  },
  would: null,
  quotas: [
    {
      rate: { quota: 'burst', item: '"burst"', policy: '"burst";q=10;w=1', limit: 10, window: 1000 },
      remaining: 9,
      reset: 100,
    },
  ],
  upstream: {
    upstream: 'shop/orders:80',
    address: '10.0.0.1:80',
    status: 200,
    tries: 2,
    headTime: 1.23456,
    failure: 'reset',
  },
  completed: true,
  duration: 2.34567,
}

async function written(use: (logger: Logger) => void, choices = { security: true, audit: true }): Promise<string[]> {
  let text = ''
  const sink: LineSink = {
    write: (bytes, done) => {
      text += bytes.toString()
      done(bytes.length)
    },
  }
  const logger = createLogger(new LineWriter({ sink }), choices, clock)
  use(logger)
  await logger.flush()
  return text === '' ? [] : text.trimEnd().split('\n')
}

const parse = (line: string | undefined): Record<string, unknown> => JSON.parse(line!) as Record<string, unknown>

describe('createLogger', () => {
  it('writes every field of the audit log for a permit, in order', async () => {
    const line = parse((await written((logger) => logger.decision(record)))[0])
    expect(Object.keys(line)).toEqual(Object.keys(auditFields))
    expect(line).toMatchObject({ time: '2026-01-02T03:04:05.006Z', log: 'audit', decision: 'permit', duration: 2.346 })
    expect(line).toMatchObject({ route: 'shop/orders', quotaRemaining: 9, upstreamHeadTime: 1.235 })
  })

  it('writes every field of the security log for a refusal', async () => {
    const refusal: DecisionRecord = {
      ...record,
      decision: 'refuse',
      code: 'bad-host',
      check: 'form',
      host: null,
      path: null,
      quotas: [],
      upstream: null,
      judgement: { route: null, rule: null, policy: null, item: null, level: null, anomaly: null, principal: null },
    }
    const line = parse((await written((logger) => logger.decision(refusal)))[0])
    expect(Object.keys(line)).toEqual(Object.keys(securityFields))
    expect(line).toMatchObject({ log: 'security', code: 'bad-host', host: null, upstream: null, quota: null })
  })

  it('writes of each request what decided over it, also where another of its rule has just been logged', async () => {
    const { judgement } = record
    const records: DecisionRecord[] = [
      record,
      { ...record, decision: 'refuse', code: 'quota-exceeded', check: 'principal-quota' },
      { ...record, judgement: { ...judgement, item: 'guests' } },
      { ...record, judgement: { ...judgement, rule: 'some' } },
      { ...record, judgement: { ...judgement, policy: null, level: null } },
      { ...record, judgement: { ...judgement, level: 4 } },
      record,
    ]
    const lines = await written((logger) => records.forEach((one) => logger.decision(one)))
    for (const [index, { code, check, judgement: wanted }] of records.entries())
      expect(parse(lines[index])).toMatchObject({ code, check, ...wanted })
  })

  it('writes every field of the operational log for an event', async () => {
    const line = parse((await written((logger) => logger.event('config-nacked', { code: 'HashMismatch' })))[0])
    expect(Object.keys(line)).toEqual(Object.keys(operationalFields))
    expect(line).toMatchObject({ log: 'operational', level: 'error', event: 'config-nacked', code: 'HashMismatch' })
  })

  it('keeps a hostile value on its own line and away from terminals', async () => {
    const path = '/a\n{"log":"audit"}\r\u0000\u001b[31m\u007f\u009b\u2028"\\é'
    const lines = await written((logger) => logger.decision({ ...record, path }))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^[\x20-\x7e]+$/)
    expect(parse(lines[0])['path']).toBe(path)
  })

  it('leaves out what is switched off, and never the operational log', async () => {
    const use = (logger: Logger): void => {
      logger.decision(record)
      logger.decision({ ...record, decision: 'refuse' })
      logger.event('started')
    }
    const logs = (await written(use, { security: true, audit: false })).map((line) => parse(line)['log'])
    expect(logs).toEqual(['security', 'operational'])
    expect(await written(use, { security: false, audit: false })).toHaveLength(1)
  })
})
