import { describe, expect, it } from 'vitest'
import { metricList, type MetricName } from './metricList.ts'
import { createMetricsPage, type MetricSources } from './metrics.ts'
import { RequestCounters } from './requestCounters.ts'
import type { DecisionRecord } from './record.ts'

const record = (over: Partial<DecisionRecord> = {}): DecisionRecord => ({
  requestId: 'r1',
  revision: null,
  listener: 'http',
  method: 'GET',
  host: 'a.example',
  path: '/',
  clientAddress: '192.0.2.1',
  decision: 'permit',
  code: null,
  check: null,
  status: 200,
  judgement: {
    route: 'shop/orders',
    rule: 'all',
    policy: null,
    item: null,
    level: null,
    anomaly: null,
    principal: null,
  },
  would: null,
  quotas: [],
  upstream: null,
  completed: true,
  duration: 3,
  ...over,
})

function sources(counters: RequestCounters): MetricSources {
  const none = Object.fromEntries(Object.keys(metricList).map((name) => [name, () => []])) as unknown as MetricSources
  return {
    ...none,
    gatehouse_requests_total: () => counters.requests(),
    gatehouse_request_duration_seconds: () => counters.durations(),
    gatehouse_route_requests_total: () => counters.routeRequests(),
    gatehouse_upstream_requests_total: () => counters.upstreamRequests(),
  }
}

describe('RequestCounters', () => {
  it('counts by listener, class of the status and check', async () => {
    const counters = new RequestCounters(false)
    counters.count(record())
    counters.count(record({ status: 204 }))
    counters.count(record({ status: 403, check: 'authorization', code: 'forbidden', decision: 'refuse' }))
    const text = await createMetricsPage(sources(counters), false).text()
    expect(text).toContain('gatehouse_requests_total{listener="http",code_class="2xx",check="none"} 2')
    expect(text).toContain('gatehouse_requests_total{listener="http",code_class="4xx",check="authorization"} 1')
    expect(text).not.toContain('shop/orders')
  })

  it('exports cumulative buckets, sum and count', async () => {
    const counters = new RequestCounters(false)
    for (const duration of [1, 3, 70_000]) counters.count(record({ duration }))
    const text = await createMetricsPage(sources(counters), false).text()
    expect(text).toContain('# TYPE gatehouse_request_duration_seconds histogram')
    expect(text).toContain('gatehouse_request_duration_seconds_bucket{listener="http",le="0.001"} 1')
    expect(text).toContain('gatehouse_request_duration_seconds_bucket{listener="http",le="0.005"} 2')
    expect(text).toContain('gatehouse_request_duration_seconds_bucket{listener="http",le="60"} 2')
    expect(text).toContain('gatehouse_request_duration_seconds_bucket{listener="http",le="+Inf"} 3')
    expect(text).toContain('gatehouse_request_duration_seconds_sum{listener="http"} 70.004')
    expect(text).toContain('gatehouse_request_duration_seconds_count{listener="http"} 3')
  })

  it('counts routes only by option, and forgets those that are gone', async () => {
    const counters = new RequestCounters(true)
    counters.count(record())
    const page = createMetricsPage(sources(counters), true)
    expect(await page.text()).toContain('gatehouse_route_requests_total{route="shop/orders",rule="all"')
    counters.retain(new Set(['shop/other']))
    expect(await page.text()).not.toContain('gatehouse_route_requests_total{')
  })

  it('counts upstream outcomes by status class or refusal code', () => {
    const counters = new RequestCounters(false)
    const upstream = { upstream: 'shop/a:80', address: null, headTime: null, tries: 1, failure: null }
    counters.count(record({ upstream: { ...upstream, status: 503 }, status: 503 }))
    const failed = { ...upstream, status: null, failure: 'refused' } as const
    counters.count(record({ upstream: failed, code: 'upstream-connect', status: 502 }))
    counters.count(record({ upstream: { ...upstream, status: null }, completed: false }))
    expect(counters.upstreamRequests().map(({ labels }) => labels['outcome'])).toEqual([
      '5xx',
      'upstream-connect',
      'aborted',
    ])
    expect(counters.upstreamFailures()).toEqual([{ labels: { reason: 'refused' }, value: 1 }])
  })
})

describe('the list of metrics', () => {
  it('is what is exported, and follows the naming rules', async () => {
    const text = await createMetricsPage(sources(new RequestCounters(true)), true).text()
    const exported = [...text.matchAll(/^# TYPE (\S+) /gm)].map((match) => match[1])
    expect(exported).toEqual(Object.keys(metricList))
    for (const name of Object.keys(metricList) as MetricName[]) {
      expect(name).toMatch(/^gatehouse_[a-z_]+$/)
      expect(name.endsWith('_total')).toBe(metricList[name].type === 'counter')
    }
  })
})
