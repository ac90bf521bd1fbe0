import { z } from 'zod'
import { claimPath } from './claim-path.ts'
import { headerName } from './common.ts'
import { identityHeaderName } from './identity-header.ts'
import { listMap, set } from './lists.ts'
import { mustPass, narrowest } from './merge.ts'
import { present } from './present.ts'
import { ruled } from './rule.ts'

const identityHeader = ruled(
  z
    .strictObject({
      name: identityHeaderName.describe('The name of the header: one of identityHeaders of the Gatehouse.'),
      from: z
        .enum(['Subject', 'Issuer', 'Roles', 'Scopes', 'Groups', 'Tenant', 'Plan', 'Provider', 'Claim'])
        .describe('What of the caller is written.'),
      path: claimPath('Which claim, with from: Claim.').optional(),
    })
    .describe('A header that tells the backend who calls.'),
  {
    rule: "(self.from == 'Claim') == has(self.path)",
    message: 'path is required with from: Claim, and only then',
    holds: (self) => (self.from === 'Claim') === (self.path !== undefined),
  },
)

export const forward = ruled(
  z
    .strictObject({
      identityHeaders: narrowest(
        listMap(
          identityHeader,
          ['name'],
          { min: 1, max: 16 },
          'Headers that tell the backend who calls. Absent = none.',
        ),
      ).optional(),
      credential: mustPass(
        z
          .enum(['Strip', 'Forward'])
          .describe(
            "Strip: the backend does not see the caller's credential. Forward: it sees it as it came in, once it is verified. Strip of any level holds, and Forward of a narrower level than the provider's only in the provider's own namespace. Absent = as other levels say, or else Strip.",
          ),
      ).optional(),
      requestHeaders: mustPass(
        z
          .strictObject({
            allow: set(
              headerName('The name of a header; case does not matter.'),
              { min: 0, max: 64 },
              'Names of the headers of a request that reach the backend; Content-Length and what the gateway writes itself always do, and what it removes from every request never does. Empty = none.',
            ),
          })
          .describe('Which headers of a request reach the backend. Lists of several levels intersect. Absent = all.'),
      ).optional(),
    })
    .describe('What the backend is told. Absent = nothing.'),
  {
    rule: 'has(self.identityHeaders) || has(self.credential) || has(self.requestHeaders)',
    message: 'forward needs at least one of identityHeaders, credential and requestHeaders',
    holds: (self) => present(self.identityHeaders, self.credential, self.requestHeaders) > 0,
  },
)
