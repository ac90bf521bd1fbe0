import { ruleCases, structureCases, type Case } from './case.ts'
import { targetRefs } from './policy-parts.ts'

const spike = { ratio: 10, minRequests: 100, baseline: '24h' }
const logged = { keys: [{ type: 'Tenant' }], spike, action: 'Log' }
const throttle = { limit: 10, window: '1m' }

/** Everything that it can say. */
export const fullAnomaly = {
  ...logged,
  action: 'Throttle',
  throttle,
  events: { type: 'Webhook', url: 'https://analytics.example/spikes' },
}

const watching = (more: object): Case['spec'] => ({ targetRefs, anomaly: { ...logged, ...more } })

/** What is unusual. */
export const anomalyCases: readonly Case[] = [
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.anomaly', message: 'throttle is required with action Throttle, and only then' },
    {
      accepted: { 'a spike that is told': watching({}), 'a spike that is restricted': watching(fullAnomaly) },
      refused: {
        'a spike that is restricted to nobody knows what': watching({ action: 'Throttle' }),
        'a spike that is told and restricted': watching({ throttle }),
      },
    },
  ),
  ...structureCases('AccessPolicy', {
    accepted: {
      'a spike that a collector is told': watching({ events: { type: 'OTLP', url: 'https://otel:4318/v1/logs' } }),
    },
    refused: {
      'a spike of nobody': watching({ keys: [] }),
      'a spike that is none': watching({ spike: { ...spike, ratio: 1 } }),
      'a spike without a ratio': watching({ spike: { minRequests: 1, baseline: '1h' } }),
      'a spike of any size': watching({ spike: { ratio: 2, baseline: '1h' } }),
      'a spike against nothing': watching({ spike: { ...spike, baseline: '0s' } }),
      'a spike that does what nobody knows': watching({ action: 'Block' }),
      'events that go nowhere': watching({ events: { type: 'Webhook' } }),
      'events of another kind': watching({ events: { type: 'Mail', url: 'https://a' } }),
      'events with a credential in their url': watching({ events: { type: 'Webhook', url: 'https://a:b@analytics/' } }),
    },
  }),
]
