import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Authority } from './push/authority.ts'

/** What the controller measures. No label has a value that a client chooses. */
export interface Metrics {
  readonly contentType: string
  text(): Promise<string>
  /** @param seconds - how long it took */
  compiled(seconds: number): void
  published(resources: number): void
  fleet(figures: { readonly sessions: number; readonly behind: number; readonly refused: number }): void
}

/** When API keys end; asked whenever the metrics are read. */
export interface KeyEnd {
  readonly namespace: string
  readonly policy: string
  readonly provider: string
  /** Milliseconds since the epoch. */
  readonly end: number
}

function addKeyEnds(registry: Registry, keyEnds: () => readonly KeyEnd[]): void {
  new Gauge({
    name: 'gatehouse_controller_api_key_expiry_timestamp_seconds',
    help: 'When the next client of a provider loses its last API key, in seconds since the epoch; absent when none will.',
    labelNames: ['namespace', 'policy', 'provider'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { end, ...labels } of keyEnds()) this.set(labels, end / 1000)
    },
  })
}

/**
 * @param authority - says whether this controller leads, whenever the metrics are read
 * @param keyEnds - the soonest of each provider
 */
export function createMetrics(authority: Authority, keyEnds: () => readonly KeyEnd[]): Metrics {
  const registry = new Registry()
  const registers = [registry]
  new Gauge({
    name: 'gatehouse_controller_leader',
    help: 'Whether this controller leads: 1 while it pushes and writes statuses, otherwise 0.',
    registers,
    collect() {
      this.set(authority.term() === null ? 0 : 1)
    },
  })
  new Gauge({
    name: 'gatehouse_controller_term',
    help: 'The term in which this controller leads; 0 while it does not.',
    registers,
    collect() {
      this.set(authority.term() ?? 0)
    },
  })
  addKeyEnds(registry, keyEnds)
  const compile = new Histogram({
    name: 'gatehouse_controller_compile_seconds',
    help: 'Time that a compilation of the whole world took.',
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2],
    registers,
  })
  const revisions = new Counter({
    name: 'gatehouse_controller_revisions_total',
    help: 'Configurations that differed from the one before.',
    registers,
  })
  const resources = new Gauge({
    name: 'gatehouse_controller_resources',
    help: 'Resources of the newest configuration.',
    registers,
  })
  const sessions = new Gauge({
    name: 'gatehouse_controller_dataplanes',
    help: 'Connected data planes by state: all, behind the newest configuration, or refusing a part of it.',
    labelNames: ['state'],
    registers,
  })
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    compiled: (seconds) => compile.observe(seconds),
    published: (count) => {
      revisions.inc()
      resources.set(count)
    },
    fleet: (figures) => {
      sessions.set({ state: 'connected' }, figures.sessions)
      sessions.set({ state: 'behind' }, figures.behind)
      sessions.set({ state: 'refusing' }, figures.refused)
    },
  }
}
