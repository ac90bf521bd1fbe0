import { z } from 'zod'
import { claimPath } from './claim-path.ts'
import { identityHeaderName } from './identity-header.ts'
import { listMap } from './lists.ts'
import { narrowest } from './merge.ts'
import { ruled } from './rule.ts'

const identityHeader = ruled(
  z
    .strictObject({
      name: identityHeaderName.describe('The name of the header: one of identityHeaders of the Gatehouse.'),
      from: z
        .enum(['Subject', 'Issuer', 'Roles', 'Scopes', 'Tenant', 'Provider', 'Claim'])
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

export const forward = z
  .strictObject({
    identityHeaders: narrowest(
      listMap(identityHeader, ['name'], { min: 1, max: 16 }, 'Headers that tell the backend who calls.'),
    ),
  })
  .describe('What the backend is told. Absent = nothing.')
