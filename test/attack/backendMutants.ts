import { mutantsOf, type Mutant } from './mutant.ts'

/** How a backend knows whose request it gets, and what of the caller's credential it sees. */
export const backendMutants: readonly Mutant[] = [
  ...mutantsOf('backendIdentity', 'policy/requestToken.ts', [
    {
      check: 'for whom a signed request is',
      find: '    aud: audience,',
      replace: "    aud: 'everybody',",
      small: true,
    },
    { check: 'when a signed request ends', find: 'exp: now + lifetime,', replace: 'exp: now + 60 * lifetime,' },
    { check: 'the target of a signed request', find: ".update(target, 'latin1')", replace: ".update('/')" },
    { check: 'the method of a signed request', find: '    route,\n    method,', replace: '    route,' },
    { check: 'one id for each signed request', find: 'jti: id,', replace: "jti: 'always',", small: true },
    { check: 'the caller of a signed request', find: '...(principal !== null && callerOf(principal)),' },
  ]),
  ...mutantsOf('backendIdentity', '../contract/reservedHeaders.ts', [
    { check: 'the name of the gateway’s own token', find: '  tokenHeader,\n' },
  ]),
  ...mutantsOf('backendIdentity', 'forward/requestHeaders.ts', [
    { check: 'what a client sends under the name of a secret header', find: ' || name === proof?.[0]' },
  ]),
  ...mutantsOf('backendIdentity', 'forward/proof.ts', [
    {
      check: 'a backend whose secret header is gone',
      find: "header === undefined ? 'config-invalid' : ",
      replace: 'header === undefined ? null : ',
    },
  ]),
  ...mutantsOf('backendIdentity', 'gateway/admit.ts', [
    {
      check: 'who says that a credential goes on',
      find: 'plan.forwarders !== null && principal !== null && goesOn(plan.forwarders, principal) ? whole : null',
      replace: 'principal !== null ? whole : null',
    },
  ]),
  ...mutantsOf('levels', 'policy/credentialUse.ts', [
    {
      check: 'a wider level that keeps credentials',
      find: "if (words.some(({ credential }) => credential === 'Strip')) return null",
    },
    {
      check: 'whose provider verified a credential that goes on',
      find: '(one) => one.level <= level || one.namespace === namespaceOf(providerObject)',
      replace: '() => true',
    },
  ]),
]
