import { z } from 'zod'
import { secretRef } from './common.ts'
import { ruled } from './rule.ts'

/** How a backend can tell that a request comes from the gateway. */
export const backendAuth = ruled(
  z
    .strictObject({
      type: z
        .enum(['SignedToken', 'Header'])
        .describe(
          'SignedToken: a JWT in X-Gatehouse-Token that the installation signs for this one request. Header: a header with a value from a Secret.',
        ),
      audience: z
        .string()
        .min(1)
        .max(128)
        .regex(/^[A-Za-z0-9._-]+$/)
        .optional()
        .describe("The token's audience is the backend's namespace, a slash and this. With type SignedToken."),
      secretRef: secretRef
        .optional()
        .describe(
          'A Secret of type gatehouse.dev/backend-header with name and value of the header, and the annotation gatehouse.dev/destination-hosts that names the Services which may have it, such as orders.shop.svc:80. With type Header.',
        ),
    })
    .describe('How the gateway proves itself to the backend. Absent = not at all.'),
  {
    rule: "(self.type == 'SignedToken') == has(self.audience)",
    message: 'audience is required with type SignedToken, and only then',
    holds: (self) => (self.type === 'SignedToken') === (self.audience !== undefined),
  },
  {
    rule: "(self.type == 'Header') == has(self.secretRef)",
    message: 'secretRef is required with type Header, and only then',
    holds: (self) => (self.type === 'Header') === (self.secretRef !== undefined),
  },
)
