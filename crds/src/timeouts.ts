import { z } from 'zod'
import { duration, milliseconds } from './common.ts'
import { ruled } from './rule.ts'

/** What the API server writes into a rule that does not say. */
export const defaultTimeouts = {
  request: '15s',
  backendRequest: '0s',
  connect: '1s',
  idle: '60s',
  maxStreamAge: '1h',
} as const

/** How long a request to a rule may take. */
export const timeouts = ruled(
  z
    .strictObject({
      request: duration(
        'From the start of a request to its last byte answered. 0s = bounds.maxTimeout of the Gatehouse; more is cut to it.',
      ).default(defaultTimeouts.request),
      backendRequest: duration(
        'From the start of the request to a backend to its response. 0s = bounds.maxTimeout of the Gatehouse, as for all.',
      ).default(defaultTimeouts.backendRequest),
      connect: duration('For a connection to a backend, TLS included. 0s = off.').default(defaultTimeouts.connect),
      idle: duration('Between two bytes of a body, in either direction. 0s = off.').default(defaultTimeouts.idle),
      maxStreamAge: duration(
        'From the start of a request to the end of an answer whose length is not known beforehand; bounds.maxTimeout does not bound it. 0s = off.',
      ).default(defaultTimeouts.maxStreamAge),
    })
    .prefault({})
    .describe('How long a request may take.'),
  {
    rule: "duration(self.request) == duration('0s') || duration(self.backendRequest) <= duration(self.request)",
    message: 'backendRequest must not be longer than request',
    holds: (self) =>
      milliseconds(self.request) === 0 || milliseconds(self.backendRequest) <= milliseconds(self.request),
  },
)
