import { mutantsOf, type Mutant } from './mutant.ts'

/** What rules know of a request: expressions, addresses, trust levels. */
export const factMutants: readonly Mutant[] = [
  ...mutantsOf('authorization', 'policy/authorization.ts', [
    {
      check: 'the expression of a Require and an Allow',
      find: 'allHold(rule.principal, caller, false) && expressed(rule.expression, asked, caller, false)',
      replace: 'allHold(rule.principal, caller, false)',
    },
    {
      check: 'the address of an exception',
      find: 'if (address === null || !inAnyRange(address, ranges)) return false',
    },
    { check: 'a trust level that a better authentication would reach', find: 'return lowest', replace: 'return null' },
  ]),
  ...mutantsOf('authorization', 'policy/ruleExpression.ts', [
    {
      check: 'the path as a backend may read it, in expressions',
      find: 'byPath ? [path, ...otherPaths] : [path]',
      replace: '[path]',
    },
    { check: 'an expression that fails', find: '?? refuses', replace: '?? false' },
  ]),
  ...mutantsOf('authorization', 'policy/expressionFacts.ts', [
    {
      check: 'a header in several lines',
      find: 'values.length === 1 ? values[0] : failed',
      replace: 'values[0]',
    },
    {
      check: 'credentials hidden from expressions',
      find: 'for (const name of credentials.headers) headers.set(name, hidden)',
      replace: "for (const name of credentials.headers) headers.set(name, 'x')",
    },
  ]),
  ...mutantsOf('authorization', 'policy/sourceAddresses.ts', [
    { check: 'denied client addresses', find: 'if (address === null || inAnyRange(address, check.deny)) return check' },
    { check: 'a broken list of client addresses', find: 'spec.broken || allow === null', replace: 'allow === null' },
  ]),
]
