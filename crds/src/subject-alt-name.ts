import { z } from 'zod'
import { text } from './common.ts'
import { ruled, type Rule } from './rule.ts'

interface Name {
  readonly type: 'URI' | 'DNS' | 'Email' | 'IP'
  readonly pattern: string
}

/** The regular expression means the same in JavaScript and in RE2; it has no quotes and no backslashes. */
const formed = (type: Name['type'], form: string, message: string): Rule<Name> => ({
  rule: `self.type != '${type}' || self.pattern.matches('${form}')`,
  message,
  holds: (self) => self.type !== type || new RegExp(form).test(self.pattern),
})

/** A pattern over the subject alternative names of a certificate (RFC 5280 4.2.1.6). */
export const subjectAltName = ruled(
  z
    .strictObject({
      type: z.enum(['URI', 'DNS', 'Email', 'IP']).describe('The type of the subject alternative name.'),
      pattern: text(
        1024,
        'What the name must be. URI: compared exactly, * stands for one whole path segment. DNS: compared without case, * stands for one whole label, but not for the last. Email: an address, or *@ and a domain for everybody there; the domain is compared without case. IP: an address or a range such as 10.0.0.0/8.',
      ),
    })
    .describe('A subject alternative name.'),
  formed(
    'URI',
    '^[A-Za-z][A-Za-z0-9+.-]*:[!-)+-.0-~]*(/([*]|[!-)+-.0-~]*))*$',
    'a URI begins with a scheme, and * is a whole path segment',
  ),
  formed(
    'DNS',
    '^(([*]|[A-Za-z0-9_-]+)[.])*[A-Za-z0-9_-]+$',
    'a DNS name is labels between dots, and * is a whole label other than the last',
  ),
  formed(
    'Email',
    '^([*]|[!-)+-?A-~]+)@[A-Za-z0-9-]+([.][A-Za-z0-9-]+)*$',
    'an Email is an address with one @, or * before @ and a domain',
  ),
  formed('IP', '^[0-9a-fA-F:.]+(/[0-9]+)?$', 'an IP is an address or a range such as 10.0.0.0/8'),
)
