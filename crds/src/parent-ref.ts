import { z } from 'zod'
import { entryName, group, namespaceName, objectName } from './common.ts'
import { atomic } from './lists.ts'
import { ruled } from './rule.ts'

const parentRef = z
  .strictObject({
    group: z.enum([group]).default(group).describe('The API group; only gatehouse.dev.'),
    kind: z.enum(['Gatehouse']).default('Gatehouse').describe('The kind; only Gatehouse.'),
    namespace: namespaceName('The namespace of the Gatehouse. Default: that of this route.').optional(),
    name: objectName('The name of the Gatehouse.'),
    sectionName: entryName('The name of one listener. Absent = the listeners marked default.').optional(),
  })
  .describe('A Gatehouse, or one of its listeners.')

type ParentRef = z.output<typeof parentRef>
const sameParent = (a: ParentRef, b: ParentRef): boolean =>
  a.name === b.name && a.namespace === b.namespace && a.sectionName === b.sectionName

/** The installations that serve a route. */
export const parentRefs = ruled(
  atomic(
    parentRef,
    { min: 1, max: 16 },
    'The installations that serve this route. Absent = the only Gatehouse in the cluster.',
  ),
  {
    rule: 'self.all(a, self.exists_one(b, a.name == b.name && (has(a.__namespace__) ? has(b.__namespace__) && a.__namespace__ == b.__namespace__ : !has(b.__namespace__)) && (has(a.sectionName) ? has(b.sectionName) && a.sectionName == b.sectionName : !has(b.sectionName))))',
    message: 'parentRefs must differ in namespace, name or sectionName',
    holds: (self) => self.every((a) => self.filter((b) => sameParent(a, b)).length === 1),
  },
)
