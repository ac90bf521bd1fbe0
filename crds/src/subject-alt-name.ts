import { z } from 'zod'
import { atomic } from './lists.ts'
import { isRange } from './range.ts'

/** What the pattern of each type looks like, in words that JavaScript and RE2 read alike. */
const forms = {
  URI: '[A-Za-z][A-Za-z0-9+.-]*:[!-)+-.0-~]*(/([*]|[!-)+-.0-~]*))*',
  DNS: '(([*]|[A-Za-z0-9_-]+)[.])*[A-Za-z0-9_-]+',
  Email: "([*]|[A-Za-z0-9!#$%&'+/=?^_`{|}~.-]+)@[A-Za-z0-9-]+([.][A-Za-z0-9-]+)*",
  IP: '[0-9a-fA-F:.]+(/[0-9]+)?',
} as const

const whole = (form: string): RegExp => new RegExp(`^(${form})$`)

/** An address as the range that holds it alone. */
export const addressRange = (pattern: string): string =>
  pattern.includes('/') ? pattern : `${pattern}/${pattern.includes(':') ? 128 : 32}`

const fitsType = ({ type, pattern }: { readonly type: keyof typeof forms; readonly pattern: string }): boolean =>
  type === 'IP' ? isRange(addressRange(pattern)) : whole(forms[type]).test(pattern)

// That a pattern is one of its own type would cost more in CEL than the API server allows for all rules together, so
// only the parsers ask for it; the API server asks for one of any type.
const subjectAltName = z
  .strictObject({
    type: z.enum(['URI', 'DNS', 'Email', 'IP']).describe('The type of the subject alternative name.'),
    pattern: z
      .string()
      .min(1)
      .max(1024)
      .regex(whole(Object.values(forms).join('|')))
      .describe(
        'What the name must be. URI: compared exactly, * stands for one whole path segment. DNS: compared without case, * stands for one whole label, but not for the last. Email: an address, or *@ and a domain for everybody there; the domain is compared without case. IP: an address or a range such as 10.0.0.0/8. A pattern that is none of its type makes the policy invalid.',
      ),
  })
  .refine(fitsType)
  .describe('A subject alternative name.')

/** Patterns of subject alternative names (RFC 5280 4.2.1.6), of which a certificate must have at least one. */
export const subjectAltNames = (description: string) => atomic(subjectAltName, { min: 1, max: 32 }, description)
