import { z } from 'zod'
import { entryName, group, objectName } from './common.ts'
import { atomic } from './lists.ts'
import { ruled } from './rule.ts'

const targetRef = z
  .strictObject({
    group: z.enum([group]).describe('The API group: gatehouse.dev.'),
    kind: z.enum(['GatewayRoute']).describe('The kind: GatewayRoute.'),
    name: objectName('The name of a GatewayRoute of the same namespace.'),
    sectionName: entryName('The name of one rule of the route. Absent = all of the route.').optional(),
  })
  .describe('What the policy applies to.')

type TargetRef = z.output<typeof targetRef>
const sameTarget = (a: TargetRef, b: TargetRef): boolean => a.name === b.name && a.sectionName === b.sectionName

export const targetRefs = ruled(atomic(targetRef, { min: 1, max: 16 }, 'What the policy applies to.'), {
  rule: 'self.all(a, self.exists_one(b, a.name == b.name && (has(a.sectionName) ? has(b.sectionName) && a.sectionName == b.sectionName : !has(b.sectionName))))',
  message: 'targetRefs must differ in name or sectionName',
  holds: (self) => self.every((a) => self.filter((b) => sameTarget(a, b)).length === 1),
})
