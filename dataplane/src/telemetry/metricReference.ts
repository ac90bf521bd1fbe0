import { metricList, type MetricFamily } from './metricList.ts'

/** The reference page of the data plane's metrics, in Markdown. */
export function metricReference(): string {
  const rows = Object.entries<MetricFamily>(metricList).map(([name, { type, help, labels, perRoute }]) => {
    const labelled = labels.map((label) => `\`${label}\``).join(', ')
    return `| \`${name}\` | ${type} | ${labelled} | ${help}${perRoute ? ' Only with per-route metrics.' : ''} |`
  })
  return [
    '# Metrics',
    '',
    'A data plane serves these at `/metrics` of its admin address. No label holds text that a client chose.',
    '',
    '| metric | type | labels | meaning |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}
