import type { SpikeEvent } from './spikeEvent.ts'

/** What is sent of an event. */
export interface EventBody {
  readonly contentType: string
  readonly text: string
}

const rfc3339 = (milliseconds: number): string => new Date(milliseconds).toISOString()

/** An event of CloudEvents 1.0 in its structured JSON form. */
export const webhookBody = ({ id, change, policy, key, requests, limit, since, at }: SpikeEvent): EventBody => ({
  contentType: 'application/cloudevents+json',
  text: JSON.stringify({
    specversion: '1.0',
    id,
    source: `/gatehouse/policies/${policy}`,
    type: `dev.gatehouse.spike.${change}`,
    time: rfc3339(at),
    datacontenttype: 'application/json',
    data: { policy, key, requests, limit, since: rfc3339(since) },
  }),
})

const nanoseconds = (milliseconds: number): string => `${Math.trunc(milliseconds)}000000`
const stringOf = (key: string, value: string) => ({ key, value: { stringValue: value } })
const integerOf = (key: string, value: number) => ({ key, value: { intValue: String(Math.trunc(value)) } })

/** One log record of OTLP in JSON: warn (13) for the beginning, info (9) for the end. */
export const otlpBody = ({ id, change, policy, key, requests, limit, since, at }: SpikeEvent): EventBody => ({
  contentType: 'application/json',
  text: JSON.stringify({
    resourceLogs: [
      {
        resource: { attributes: [stringOf('service.name', 'gatehouse')] },
        scopeLogs: [
          {
            scope: { name: 'gatehouse' },
            logRecords: [
              {
                timeUnixNano: nanoseconds(at),
                severityNumber: change === 'started' ? 13 : 9,
                severityText: change === 'started' ? 'WARN' : 'INFO',
                eventName: `gatehouse.spike.${change}`,
                body: { stringValue: `spike-${change}` },
                attributes: [
                  stringOf('gatehouse.event.id', id),
                  stringOf('gatehouse.policy', policy),
                  ...key.map(({ type, value }) => stringOf(`gatehouse.key.${type.toLowerCase()}`, value ?? '')),
                  integerOf('gatehouse.requests', requests),
                  integerOf('gatehouse.limit', limit),
                  stringOf('gatehouse.since', rfc3339(since)),
                ],
              },
            ],
          },
        ],
      },
    ],
  }),
})
