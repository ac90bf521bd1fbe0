import { z } from 'zod'
import { backendAuth } from './backend-auth.ts'
import { grantedNamespace, objectName, port } from './common.ts'
import { requestHeaders, responseHeaders } from './header-changes.ts'

/** Where a share of the requests of a rule goes. */
export const backendRef = z
  .strictObject({
    namespace: grantedNamespace,
    name: objectName('The name of a Service.'),
    port: port('The port of the Service.'),
    weight: z
      .int()
      .min(0)
      .max(1000000)
      .default(1)
      .describe('The share of requests, relative to the sum of all weights of the rule. 0 = none.'),
    auth: backendAuth.optional(),
    requestHeaders: requestHeaders.optional(),
    responseHeaders: responseHeaders.optional(),
  })
  .describe('A Service that requests go to, by its ready endpoints.')
