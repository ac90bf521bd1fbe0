import { z } from 'zod'
import { entryName, group, objectName } from './common.ts'
import { atomic } from './lists.ts'
import { ruled } from './rule.ts'

const targetRef = ruled(
  z
    .strictObject({
      group: z.enum([group, '']).describe('The API group: gatehouse.dev, or "" for a Namespace.'),
      kind: z
        .enum(['GatewayRoute', 'Namespace', 'Gatehouse'])
        .describe(
          'GatewayRoute: one route of the same namespace. Namespace: all routes of the same namespace or, from the namespace of the Gatehouse, of any. Gatehouse: all routes of an installation, from its own namespace only.',
        ),
      name: objectName('The name of the GatewayRoute, the Namespace or the Gatehouse.'),
      sectionName: entryName('The name of one rule of a GatewayRoute. Absent = all of the target.').optional(),
    })
    .describe('What the policy applies to.'),
  {
    rule: "(self.kind == 'Namespace') == (self.group == '')",
    message: 'the group of a Namespace is "", that of the other kinds gatehouse.dev',
    holds: (self) => (self.kind === 'Namespace') === (self.group === ''),
  },
  {
    rule: "!has(self.sectionName) || self.kind == 'GatewayRoute'",
    message: 'sectionName names a rule of a GatewayRoute; the other kinds have none',
    holds: (self) => self.sectionName === undefined || self.kind === 'GatewayRoute',
  },
)

type TargetRef = z.output<typeof targetRef>
const sameTarget = (a: TargetRef, b: TargetRef): boolean =>
  a.kind === b.kind && a.name === b.name && a.sectionName === b.sectionName

export const targetRefs = ruled(atomic(targetRef, { min: 1, max: 16 }, 'What the policy applies to.'), {
  rule: 'self.all(a, self.exists_one(b, a.kind == b.kind && a.name == b.name && (has(a.sectionName) ? has(b.sectionName) && a.sectionName == b.sectionName : !has(b.sectionName))))',
  message: 'targetRefs must differ in kind, name or sectionName',
  holds: (self) => self.every((a) => self.filter((b) => sameTarget(a, b)).length === 1),
})
