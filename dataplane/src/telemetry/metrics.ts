import { Registry, type Metric } from 'prom-client'
import { metricList, type MetricFamily, type MetricName } from './metricList.ts'
import type { Sample } from './requestCounters.ts'

/** Where the samples of each metric come from, asked at each scrape. */
export type MetricSources = { readonly [K in MetricName]: () => Iterable<Sample> }

/** The text that a scrape gets. */
export interface MetricsPage {
  readonly contentType: string
  text(): Promise<string>
}

/**
 * Exports the listed metrics.
 *
 * @param perRoute - whether metrics with a route label are exported
 */
export function createMetricsPage(sources: MetricSources, perRoute: boolean): MetricsPage {
  const registry = new Registry()
  for (const [name, family] of Object.entries<MetricFamily>(metricList)) {
    if (family.perRoute && !perRoute) continue
    const read = sources[name as MetricName]
    // The registry needs no more of a metric than its name and `get`; its classes would keep a second set of counts.
    registry.registerMetric(exported(name, family, read) as unknown as Metric)
  }
  return { contentType: registry.contentType, text: () => registry.metrics() }
}

function exported(name: string, family: MetricFamily, read: () => Iterable<Sample>): object {
  const { type, help } = family
  const get = (): Promise<object> => {
    const values = [...read()].map(({ labels, value, suffix = '' }) => {
      return { metricName: `${name}${suffix}`, labels, value }
    })
    return Promise.resolve({ name, type, help, values, aggregator: 'sum' })
  }
  return { name, type, help, get }
}
