/** A metric family of the data plane. */
export interface MetricFamily {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  /** No label ever holds text that a client chose (M19). */
  readonly labels: readonly string[]
  /** True when it is exported only with per-route metrics switched on. */
  readonly perRoute?: boolean
}

/** Every metric that the data plane exports, and nothing else is exported. */
export const metricList = {
  gatehouse_requests_total: {
    type: 'counter',
    help: 'Requests answered, by listener, class of the status and the check that ended them (none: the upstream answered).',
    labels: ['listener', 'code_class', 'check'],
  },
  gatehouse_request_duration_seconds: {
    type: 'histogram',
    help: 'Time from the request head to the end of the response.',
    labels: ['listener'],
  },
  gatehouse_requests_incomplete_total: {
    type: 'counter',
    help: 'Responses that broke off because the client left or the upstream died.',
    labels: ['listener'],
  },
  gatehouse_route_requests_total: {
    type: 'counter',
    help: 'Requests answered, by route, rule, class of the status and the check that ended them.',
    labels: ['route', 'rule', 'code_class', 'check'],
    perRoute: true,
  },
  gatehouse_shadow_decisions_total: {
    type: 'counter',
    help: 'Requests to rules that something in Shadow concerns: what enforcing it would have changed, and the check that would then have ended them.',
    labels: ['would', 'check'],
  },
  gatehouse_upstream_requests_total: {
    type: 'counter',
    help: 'Requests sent upstream: the class of the status, or the refusal code when none came.',
    labels: ['outcome'],
  },
  gatehouse_upstream_failures_total: {
    type: 'counter',
    help: 'Requests of which a try came to nothing, by why the last one did, as upstreamFailure in the logs.',
    labels: ['reason'],
  },
  gatehouse_retries_total: {
    type: 'counter',
    help: 'What came of failed tries where the rule has retries: retried, unsafe (it might be done twice), exhausted (no attempts left), over-budget, too-late (no time left); and recovered: an answer came after a retry.',
    labels: ['outcome'],
  },
  gatehouse_mirrored_requests_total: {
    type: 'counter',
    help: 'Copies of requests for mirrors, by what became of them: answered, failed, late (cut off after its time), busy (too many under way, not sent), too-large (its body or all bodies together, not sent), cut-off (the body of the request never ended, not sent), no-endpoint.',
    labels: ['outcome'],
  },
  gatehouse_upstream_connections: { type: 'gauge', help: 'Open upstream connections.', labels: [] },
  gatehouse_upstream_requests_in_flight: {
    type: 'gauge',
    help: 'Requests that wait for an upstream or run on one.',
    labels: [],
  },
  gatehouse_namespace_load: {
    type: 'gauge',
    help: 'What a namespace has under way towards backends: requests of its routes, and connections to its backends. Requests beyond its bound are in gatehouse_upstream_requests_total with outcome="namespace-full".',
    labels: ['namespace', 'of'],
  },
  gatehouse_upstream_health: {
    type: 'gauge',
    help: 'Addresses of an upstream that some rule checks, by state: healthy, unhealthy (its probes fail) or ejected (requests to it failed).',
    labels: ['upstream', 'state'],
  },
  gatehouse_upstream_requests_pending: {
    type: 'gauge',
    help: 'Requests that wait because as many run as maxParallel of their rule allows.',
    labels: [],
  },
  gatehouse_connections: { type: 'gauge', help: 'Open client connections.', labels: ['listener'] },
  gatehouse_connections_refused_total: {
    type: 'counter',
    help: 'Connections that were not let in, by listener and reason: port-full, client-full, no-proxy-header where one of a trusted proxy is required, or gone where a client had reset it before it was let in.',
    labels: ['listener', 'reason'],
  },
  gatehouse_client_sessions_ended_total: {
    type: 'counter',
    help: 'Client connections that speak HTTP/2 and were ended by the gateway: idle, silent (settings not acknowledged, or headers without an end), flood (frames that carry nothing), resets (requests that their client gave up or broke), malformed (no HTTP/2).',
    labels: ['reason'],
  },
  gatehouse_breakers: { type: 'gauge', help: 'Circuit breakers by state.', labels: ['state'] },
  gatehouse_breaker_state: {
    type: 'gauge',
    help: 'State of a circuit breaker: 1 for the state that it is in.',
    labels: ['route', 'rule', 'upstream', 'state'],
    perRoute: true,
  },
  gatehouse_key_sets: {
    type: 'gauge',
    help: 'Fetched key sets by state: fresh, stale (the last fetch failed) or missing.',
    labels: ['state'],
  },
  gatehouse_introspection_calls_total: {
    type: 'counter',
    help: 'Questions about tokens to introspection endpoints, by how they ended: active, inactive, unfit (active, but not for this provider), malformed, status (not 200), rejected (4xx), unauthorized (401, 403), timeout, unreachable, and not asked at all: saturated, circuit-open.',
    labels: ['outcome'],
  },
  gatehouse_quota_store: {
    type: 'gauge',
    help: 'Stores of shared quotas by state: up, connecting (for the first time) or down. One while an installation has one.',
    labels: ['state'],
  },
  gatehouse_quota_store_failures_total: {
    type: 'counter',
    help: 'Calls of the store of shared quotas that came to nothing, by reason. Requests that were not sent because the store is down are not among them.',
    labels: ['reason'],
  },
  gatehouse_throttled_networks: {
    type: 'gauge',
    help: 'Client networks that failureThrottle blocks at present, once for each policy that blocks them. Their refused requests are in gatehouse_requests_total with check="throttle".',
    labels: [],
  },
  gatehouse_anomaly_keys: {
    type: 'gauge',
    help: 'Keys that anomaly watches, by state: new (not seen in a second hour yet), learned, or spiking (also among the learned). What is in Shadow is not among them.',
    labels: ['state'],
  },
  gatehouse_anomaly_spikes_total: {
    type: 'counter',
    help: 'Spikes that have begun, but for those of what is in Shadow. Requests that they are refused for are in gatehouse_requests_total with check="anomaly".',
    labels: [],
  },
  gatehouse_anomaly_events_total: {
    type: 'counter',
    help: 'Events about spikes by what became of them: delivered, rejected (the receiver does not want them), failed (it could not be reached for minutes), dropped (too many waited).',
    labels: ['outcome'],
  },
  gatehouse_fleet_size: {
    type: 'gauge',
    help: 'Data planes among which limits are divided that hold for all of them together, as the controller last said.',
    labels: [],
  },
  gatehouse_concurrency_slots: {
    type: 'gauge',
    help: 'Slots of concurrency limits that running requests hold, one for each limit in force that a request is under.',
    labels: [],
  },
  gatehouse_held_body_bytes: {
    type: 'gauge',
    help: 'What bodies take up that are held until their validation has looked at them.',
    labels: [],
  },
  gatehouse_body_checks: {
    type: 'gauge',
    help: 'Bodies that wait for a worker to look at them, or have one.',
    labels: [],
  },
  gatehouse_config_info: { type: 'gauge', help: '1 for the revision that serves.', labels: ['revision'] },
  gatehouse_config_age_seconds: {
    type: 'gauge',
    help: 'Time since the leader last published the serving revision, which it does anew at least every five minutes: more means that the data plane is cut off.',
    labels: [],
  },
  gatehouse_config_restored: {
    type: 'gauge',
    help: '1 while the last good snapshot serves and no controller has answered since the start.',
    labels: [],
  },
  gatehouse_config_updates_total: {
    type: 'counter',
    help: 'Updates received: applied, confirmed (nothing new), or the reason why they were not taken.',
    labels: ['result'],
  },
  gatehouse_config_refused_resources: {
    type: 'gauge',
    help: 'Resources of the serving revision that could not be built.',
    labels: [],
  },
  gatehouse_push_connected: { type: 'gauge', help: '1 while connected to a controller.', labels: [] },
  gatehouse_log_lines_dropped_total: {
    type: 'counter',
    help: 'Log lines dropped because their reader was too slow.',
    labels: ['log'],
  },
  gatehouse_overloaded: {
    type: 'gauge',
    help: '1 while new requests are refused for want of memory; they are in gatehouse_requests_total with check="load".',
    labels: [],
  },
  gatehouse_process_cpu_seconds_total: {
    type: 'counter',
    help: 'CPU time of the process, user and system.',
    labels: [],
  },
  gatehouse_process_resident_memory_bytes: { type: 'gauge', help: 'Resident memory of the process.', labels: [] },
} as const satisfies { readonly [name: string]: MetricFamily }

export type MetricName = keyof typeof metricList
