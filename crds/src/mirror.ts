import { z } from 'zod'
import { grantedNamespace, method, objectName, port } from './common.ts'
import { set } from './lists.ts'
import { ruled } from './rule.ts'

const fraction = ruled(
  z
    .strictObject({
      numerator: z.int().min(0).max(1000000).describe('How many of them are copied.'),
      denominator: z.int().min(1).max(1000000).default(100).describe('Of how many requests.'),
    })
    .describe('The share of requests that is copied, where percent is too coarse. Absent = as percent says.'),
  {
    rule: 'self.numerator <= self.denominator',
    message: 'numerator must not be greater than denominator',
    holds: ({ numerator, denominator }) => numerator <= denominator,
  },
)

/** A backend that gets copies of requests and whose answers nobody sees (Gateway API, HTTPRequestMirrorFilter). */
export const mirror = ruled(
  z
    .strictObject({
      backendRef: z
        .strictObject({
          namespace: grantedNamespace,
          name: objectName('The name of a Service.'),
          port: port('The port of the Service.'),
        })
        .describe('The Service that gets the copies. One that does not exist gets none.'),
      percent: z
        .int()
        .min(0)
        .max(100)
        .optional()
        .describe('The share of requests that is copied, in percent. Absent = all, or as fraction says.'),
      fraction: fraction.optional(),
      methods: set(
        method,
        { min: 1, max: 16 },
        'The methods of requests that are copied; GET covers HEAD. What is copied is done twice. Absent = GET and OPTIONS, which change nothing.',
      ).optional(),
    })
    .describe(
      'A backend that gets copies, without credentials, cookies and identity headers. It never delays or fails a request.',
    ),
  {
    rule: '!has(self.percent) || !has(self.fraction)',
    message: 'percent and fraction exclude each other',
    holds: ({ percent, fraction: share }) => percent === undefined || share === undefined,
  },
)
