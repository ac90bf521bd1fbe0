import type { Clock } from '../clock.ts'
import type { SyncEvent } from '../sync/event.ts'
import { ConfigStatus } from './configStatus.ts'
import { LineWriter, type LineSink } from './lineWriter.ts'
import { createLogger, type LogChoices, type Logger } from './logger.ts'
import { createMetricsPage, type MetricSources, type MetricsPage } from './metrics.ts'
import type { DecisionRecord } from './record.ts'
import { RequestCounters, type Sample } from './requestCounters.ts'

/** What is asked at each scrape of those who know it. */
export type MetricProbes = Pick<
  MetricSources,
  | 'gatehouse_connections'
  | 'gatehouse_connections_refused_total'
  | 'gatehouse_client_sessions_ended_total'
  | 'gatehouse_overloaded'
  | 'gatehouse_retries_total'
  | 'gatehouse_mirrored_requests_total'
  | 'gatehouse_namespace_load'
  | 'gatehouse_upstream_requests_pending'
  | 'gatehouse_upstream_connections'
  | 'gatehouse_upstream_requests_in_flight'
  | 'gatehouse_upstream_health'
  | 'gatehouse_breakers'
  | 'gatehouse_breaker_state'
  | 'gatehouse_key_sets'
  | 'gatehouse_quota_store'
  | 'gatehouse_quota_store_failures_total'
  | 'gatehouse_introspection_calls_total'
  | 'gatehouse_throttled_networks'
  | 'gatehouse_anomaly_keys'
  | 'gatehouse_anomaly_spikes_total'
  | 'gatehouse_anomaly_events_total'
  | 'gatehouse_held_body_bytes'
  | 'gatehouse_fleet_size'
  | 'gatehouse_concurrency_slots'
  | 'gatehouse_body_checks'
>

export interface TelemetryOptions {
  readonly sink: LineSink
  readonly logs: LogChoices
  readonly perRouteMetrics: boolean
  readonly clock: Clock
}

/** Everything that a data plane tells of itself: logs and metrics. */
export interface Telemetry {
  readonly logger: Logger
  /** Takes the decision record of a request. */
  record(record: DecisionRecord): void
  /** Takes what happens to the configuration. */
  sync(event: SyncEvent): void
  /** Forgets what was counted of routes that are gone. @param routes - `namespace/name` of those that exist */
  retainRoutes(routes: Pick<ReadonlySet<string>, 'has'>): void
  page(probes: MetricProbes): MetricsPage
}

export function createTelemetry(options: TelemetryOptions): Telemetry {
  const writer = new LineWriter({ sink: options.sink })
  const logger = createLogger(writer, options.logs, options.clock)
  const counters = new RequestCounters(options.perRouteMetrics)
  const config = new ConfigStatus(options.clock)
  return {
    logger,
    record: (record) => {
      counters.count(record)
      logger.decision(record)
    },
    sync: (event) => {
      config.observe(event)
      logSync(logger, event)
    },
    retainRoutes: (routes) => counters.retain(routes),
    page: (probes) => {
      const own = { ...requestSources(counters), ...configSources(config), ...processSources(writer) }
      return createMetricsPage({ ...own, ...probes }, options.perRouteMetrics)
    },
  }
}

const requestSources = (counters: RequestCounters) => ({
  gatehouse_requests_total: () => counters.requests(),
  gatehouse_request_duration_seconds: () => counters.durations(),
  gatehouse_requests_incomplete_total: () => counters.incomplete(),
  gatehouse_route_requests_total: () => counters.routeRequests(),
  gatehouse_shadow_decisions_total: () => counters.trials(),
  gatehouse_upstream_requests_total: () => counters.upstreamRequests(),
  gatehouse_upstream_failures_total: () => counters.upstreamFailures(),
})

const configSources = (config: ConfigStatus) => ({
  gatehouse_config_info: () => config.info(),
  gatehouse_config_age_seconds: () => config.age(),
  gatehouse_config_restored: () => config.restored(),
  gatehouse_config_updates_total: () => config.updates(),
  gatehouse_config_refused_resources: () => config.refused(),
  gatehouse_push_connected: () => config.connected(),
})

const processSources = (writer: LineWriter) => ({
  gatehouse_log_lines_dropped_total: (): Sample[] =>
    Object.entries(writer.dropped).map(([log, value]) => ({ labels: { log }, value })),
  gatehouse_process_cpu_seconds_total: (): Sample[] => {
    const { user, system } = process.cpuUsage()
    return [{ labels: {}, value: (user + system) / 1e6 }]
  },
  gatehouse_process_resident_memory_bytes: (): Sample[] => [{ labels: {}, value: process.memoryUsage.rss() }],
})

function logSync(logger: Logger, event: SyncEvent): void {
  switch (event.type) {
    case 'connected':
      return logger.event('push-connected', { address: event.address })
    case 'disconnected':
      return logger.event('push-disconnected', { address: event.address, code: event.code })
    case 'no-credentials':
      return logger.event('credentials-failed', { code: event.code })
    case 'not-leader':
      return logger.event('push-not-leader', { address: event.address })
    case 'nacked':
      return logger.event('config-nacked', { revision: event.revision, code: event.reason })
    case 'not-restored':
      return logger.event('last-good-refused', { code: event.code })
    case 'not-kept':
      return logger.event('last-good-failed', { code: event.code })
    case 'expired':
      return logger.event('config-expired', { revision: event.revision })
    case 'applied':
      return logServed(logger, 'config-applied', event)
    case 'restored':
      return logServed(logger, event.whole ? 'config-restored' : 'config-partly-restored', event)
    case 'confirmed':
  }
}

function logServed(
  logger: Logger,
  name: 'config-applied' | 'config-restored' | 'config-partly-restored',
  { revision, refused }: Extract<SyncEvent, { issuedAt: number }>,
): void {
  logger.event(name, { revision, count: refused.length })
  for (const { resource, field, reason } of refused) {
    logger.event('resource-refused', { revision, resource, field, code: reason })
  }
}
