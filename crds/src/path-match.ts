import { z } from 'zod'
import { ruled } from './rule.ts'

// One canonical form of a path (RFC 3986 6.2.2): escapes in upper-case hex and only where the character needs one,
// no `.` or `..` segment, no empty segment but the last, no escaped `/`, `\` or NUL. Another form would never match.
const escaped = '%(0[1-9A-F]|1[0-9A-F]|2[0-9A-C]|3[A-F]|40|5[BDE]|60|7[BCDF]|[89A-F][0-9A-F])'
const character = `([A-Za-z0-9_~!$&'()*+,;=:@-]|${escaped})`
const segment = `(\\.{0,2}${character}(${character}|\\.)*|\\.{3}(${character}|\\.)*)`
const parameter = '\\{[A-Za-z_][A-Za-z0-9_]{0,31}\\}'
const canonical = `^(/(${segment}|${parameter}))*/?$`

/** A path in canonical form, without parameters. @param min - 0 = it may be empty */
export const canonicalPath = (description: string, min = 1) =>
  z
    .string()
    .min(min)
    .max(1024)
    .regex(new RegExp(`^(/${segment})*/?$`))
    .describe(description)

const meanings =
  'Exact compares the whole path. PathPrefix compares whole path elements and ignores a trailing slash: /a matches /a, /a/ and /a/b, but not /ab. Template compares the whole path, where {name} stands for one element that is not empty.'
const form =
  'The path, starting with "/", in canonical form: percent escapes in upper-case hex and only where a character needs one, no "." or ".." element, no empty element but the last, no escaped slash, backslash or NUL. With Template an element may be {name}.'

const bracesMessage = '{name} is for type Template only'

/** A condition on the path of a request, in a rule of a policy. */
export const pathMatch = ruled(
  z
    .strictObject({
      type: z.enum(['Exact', 'PathPrefix', 'Template']).describe(meanings),
      value: z.string().min(1).max(1024).regex(new RegExp(canonical)).describe(form),
    })
    .describe('A condition on the path of a request, without its query.'),
  {
    rule: "self.type == 'Template' || !self.value.contains('{')",
    message: bracesMessage,
    holds: ({ type, value }) => type === 'Template' || !value.includes('{'),
  },
)

const canonicalForm = new RegExp(canonical)

/** The same in a match of a route, where it may also be a regular expression. */
export const routePathMatch = ruled(
  z
    .strictObject({
      type: z
        .enum(['Exact', 'PathPrefix', 'Template', 'RegularExpression'])
        .describe(
          `${meanings} RegularExpression has to match the whole path, in the syntax of RE2; it comes after all others, and the longer before the shorter.`,
        ),
      value: z
        .string()
        .min(1)
        .max(1024)
        .regex(/^\/[ -~]*$/)
        .describe(`${form} With RegularExpression it is the expression, starting with "/".`),
    })
    .describe('A condition on the path of a request, without its query.'),
  {
    rule: `self.type == 'RegularExpression' || self.value.matches(r"${canonical}")`,
    message: 'the path is not in canonical form',
    holds: ({ type, value }) => type === 'RegularExpression' || canonicalForm.test(value),
  },
  {
    rule: "self.type in ['Template', 'RegularExpression'] || !self.value.contains('{')",
    message: bracesMessage,
    holds: ({ type, value }) => type === 'Template' || type === 'RegularExpression' || !value.includes('{'),
  },
)
