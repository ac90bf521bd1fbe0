import { z } from 'zod'
import { headerName } from './common.ts'
import { listMap, set } from './lists.ts'
import { present } from './present.ts'
import { ruled } from './rule.ts'

const field = z
  .strictObject({
    name: headerName('The name of the header; case does not matter, and of two that are the same the first counts.'),
    value: z
      .string()
      .min(1)
      .max(4096)
      .regex(/^[!-~]([ -~]*[!-~])?$/)
      .describe('The value: visible ASCII and blanks between.'),
  })
  .describe('A header and its value.')

const fields = (description: string) => listMap(field, ['name'], { min: 1, max: 16 }, description).optional()

/** What becomes of headers: removed first, then set, then added. */
export const headerChanges = (description: string) =>
  ruled(
    z
      .strictObject({
        set: fields('Headers that have this value and no other. Absent = none.'),
        add: fields('Values that headers have beside those that are there. Absent = none.'),
        remove: set(
          headerName('The name of a header; case does not matter.'),
          { min: 1, max: 16 },
          'Headers that do not go on. Absent = none.',
        ).optional(),
      })
      .describe(description),
    {
      rule: 'has(self.set) || has(self.add) || has(self.remove)',
      message: 'at least one of set, add and remove is needed',
      holds: (self) => present(self.set, self.add, self.remove) > 0,
    },
  )

/** The same of requests. */
export const requestHeaders = headerChanges(
  'What becomes of the headers of requests. Headers that frame a message, that the gateway writes itself, that tell an identity or in which a policy looks for a credential cannot be written; Authorization and Cookie can only be removed. Absent = nothing.',
)

/** The same of answers. */
export const responseHeaders = headerChanges(
  'What becomes of the headers of answers. Headers that frame a message, that the gateway writes itself, or that say which origins may read the answer cannot be changed; Set-Cookie can only be removed. Absent = nothing.',
)
