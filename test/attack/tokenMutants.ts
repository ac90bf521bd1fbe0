import { mutantsOf, type Mutant } from './mutant.ts'

/** Checks of where credentials are and of what ends them, each taken away. */
export const tokenMutants: readonly Mutant[] = [
  ...mutantsOf('places', 'policy/sameSite.ts', [
    {
      check: 'where a cookie comes from',
      find: 'return origin === ownOrigin(sent) || allowedOrigins.includes(origin)',
      replace: 'return true',
      small: true,
    },
    {
      check: 'a cookie without Origin',
      find: 'if (origins?.length !== 1) return false',
      replace: 'if (origins?.length !== 1) return true',
    },
    {
      check: 'methods that change something',
      find: 'if (safe.has(sent.method) && !asksForUpgrade(sent.headers)) return true',
      replace: "if (sent.method !== 'POST') return true",
    },
  ]),
  ...mutantsOf('places', 'policy/cookieString.ts', [
    { check: 'one cookie of a name', find: "if (found !== null) return 'twice'" },
    {
      check: 'the form of a cookie',
      find: " && value.test(text) ? { text } : 'malformed'",
      replace: " ? { text: text.replaceAll('\"', '') } : 'malformed'",
    },
    {
      check: 'cookies that do not go on',
      find: 'pairs.filter((pair) => !names.includes(nameOf(pair)))',
      replace: '[...pairs]',
    },
  ]),
  ...mutantsOf('places', 'policy/location.ts', [
    {
      check: 'one Cookie header',
      find: "return values.length > 1 ? 'ambiguous' : asClaiming(",
      replace: 'return asClaiming(',
    },
  ]),
  ...mutantsOf('places', 'policy/queryString.ts', [
    { check: 'one parameter of a name', find: "if (found !== null) return 'twice'" },
    {
      check: 'the name of a parameter in disguise',
      find: 'return mayBe && decoded(written) === name',
      replace: 'return false',
    },
    {
      check: 'parameters that do not go on',
      find: 'parts.filter((part) => !names.some((name) => isNamed(part, name)))',
      replace: '[...parts]',
    },
  ]),
  ...mutantsOf('revocations', 'policy/revocations.ts', [
    {
      check: 'revocations',
      find: 'return limit > -Infinity && issuedAt(principal) < limit',
      replace: 'return false',
      small: true,
    },
    {
      check: 'when a credential was issued that does not say',
      find: ': -Number.MAX_VALUE',
      replace: ': Number.MAX_VALUE',
    },
  ]),
  ...mutantsOf('revocations', 'gateway/stages.ts', [
    {
      check: 'a list of revocations that nobody could read',
      find: "if (list !== 'broken' && !isRevoked(list, principal)) continue",
      replace: "if (list === 'broken' || !isRevoked(list, principal)) continue",
    },
    { check: 'a token that was used', find: "if (marking === 'first') return null", replace: 'return null' },
  ]),
  ...mutantsOf('revocations', 'gateway/admit.ts', [
    {
      check: 'a token that was used while a body was held',
      find: 'permit.content.mark?.() ?? null',
      replace: 'null as Refusal | null',
    },
  ]),
  ...mutantsOf('revocations', 'policy/jwtClaims.ts', [
    {
      check: 'a token without id that counts once',
      find: 'if (tokenId === undefined) return replay === null ? null : undefined',
      replace: 'if (tokenId === undefined) return null',
    },
  ]),
  ...mutantsOf('jwt', 'policy/jwtClaims.ts', [
    { check: 'the age of a token', find: 'oldest + clockSkew, ', small: true },
    {
      check: 'a token that does not say how old it is',
      find: 'issuedAt ?? Infinity',
      replace: 'issuedAt ?? latest / 1000',
    },
    { check: 'a token of a time to come', find: 'issued > latest ? -Infinity : ' },
    { check: 'the type of the age', find: 'if (issuedAt !== undefined && !isTime(issuedAt)) return null' },
  ]),
]
