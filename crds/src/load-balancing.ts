import { z } from 'zod'
import { duration, headerName } from './common.ts'
import { ruled } from './rule.ts'

/** What counts where a rule has a health check and says nothing else. */
export const defaultPanicThreshold = 50

const isNamed = (type: string): boolean => type === 'Header' || type === 'Cookie'

const hashOn = ruled(
  z
    .strictObject({
      type: z
        .enum(['Header', 'Cookie', 'SourceIP', 'Principal'])
        .describe(
          'Header and Cookie are the value of that name. SourceIP is the address of the client. Principal is the verified caller, not what it sends. A request without it goes where LeastRequest says.',
        ),
      name: headerName('The name of the header, in any case, or of the cookie.').optional(),
    })
    .describe('What requests must share to go to the same endpoint.'),
  {
    rule: "(self.type == 'Header' || self.type == 'Cookie') == has(self.name)",
    message: 'name is required with type Header or Cookie, and only then',
    holds: (self) => isNamed(self.type) === (self.name !== undefined),
  },
)

/** Which endpoint of a backend a request goes to. */
export const loadBalancing = ruled(
  z
    .strictObject({
      type: z
        .enum(['RoundRobin', 'LeastRequest', 'PeakEwma', 'ConsistentHash'])
        .default('RoundRobin')
        .describe(
          'RoundRobin: one after the other. LeastRequest: of two drawn at random the one with fewer requests under way. PeakEwma: of two drawn at random the one that answers sooner, by its latest and slowest answers and the requests under way. ConsistentHash: the same one for the same hashOn as long as it is there, unless it has a quarter more to do than others on average.',
        ),
      hashOn: hashOn.optional(),
      slowStart: duration(
        'How long an endpoint that is new gets a smaller share, which grows evenly to the whole. Those that are there when the gateway first knows of the backend are not new. 0s = off.',
      ).default('0s'),
      panicThresholdPercent: z
        .int()
        .min(0)
        .max(100)
        .default(defaultPanicThreshold)
        .describe(
          'When less than this share of the endpoints is healthy by the healthCheck of the rule, in percent, health is ignored and all get requests. 0 = never: without a healthy endpoint requests are answered 503.',
        ),
    })
    .describe('Which endpoint of the backend gets a request, once a backend was drawn by weight. Absent = RoundRobin.'),
  {
    rule: "(self.type == 'ConsistentHash') == has(self.hashOn)",
    message: 'hashOn is required with type ConsistentHash, and only then',
    holds: (self) => (self.type === 'ConsistentHash') === (self.hashOn !== undefined),
  },
)
