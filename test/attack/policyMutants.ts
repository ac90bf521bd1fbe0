import { factMutants } from './factMutants.ts'
import { mutantsOf, type Mutant } from './mutant.ts'
import { quotaMutants } from './quotaMutants.ts'

const authorization: Mutant[] = [
  ...mutantsOf('jwt', 'policy/authorization.ts', [
    {
      check: 'Deny and Require',
      find: 'for (const rule of guards) {',
      replace: 'for (const rule of guards.slice(0, 0)) {',
      small: true,
    },
    { check: 'methods of a rule', find: 'if (!methodMatches(rule.methods, method)) return false' },
    {
      check: 'what an Allow asks of the caller',
      find: 'concerns(rule, asked) && admits(rule, asked, callerFor(rule, asked, principal))',
      replace: 'concerns(rule, asked)',
    },
    { check: 'a broken Allow never matches', find: "action === 'Allow' && !broken", replace: "action === 'Allow'" },
    {
      check: 'a broken Deny refuses what it matches',
      find: 'broken: guards.filter(({ broken }) => broken)',
      replace: 'broken: []',
    },
  ]),
  ...mutantsOf('jwt', 'gateway/admit.ts', [
    {
      check: 'authorization',
      find: 'const refused = unauthorized(request, plan, principal)',
      replace: 'unauthorized(request, plan, principal)\n  const refused = null',
      small: true,
    },
  ]),
  ...mutantsOf('jwt', 'gateway/rulePlan.ts', [
    {
      check: 'a rule without a policy',
      find: 'const access = accessPlan(rule.access, enforced)',
      // What the first rule has: everybody may pass.
      replace:
        "const access = accessPlan(rule.access.type === 'Refuse' ? route.rules[0]!.access : rule.access, enforced)",
    },
  ]),
  ...mutantsOf('jwt', 'gateway/stages.ts', [
    { check: 'credentials over plain text', find: "listener.spec.plaintextCredentials === 'Refuse'", replace: 'false' },
  ]),
  ...mutantsOf('jwt', 'policy/attributes.ts', [
    {
      check: 'roles that a provider may claim',
      find: 'roles: among(asserts.roles, roles)',
      replace: 'roles',
    },
    {
      check: 'tenants that a provider may claim',
      find: 'tenant !== null && isAmong(asserts.tenants, tenant)',
      replace: 'tenant !== null',
    },
    { check: 'the type of the role claim', find: " && list.every((item) => typeof item === 'string')" },
  ]),
  ...mutantsOf('jwt', 'policy/structuredField.ts', [
    {
      check: 'what a header can carry',
      find: 'plain.test(text) ? text : null',
      replace: "text.replaceAll(/[^ -~]/g, '')",
    },
  ]),
]

const jwt: Mutant[] = [
  ...mutantsOf('jwt', 'policy/jwt.ts', [
    {
      check: 'the signature',
      find: 'return (await compactVerify(token, key, { algorithms: [algorithm] })).payload',
      replace:
        "return (await compactVerify(token, key, { algorithms: [algorithm] }).catch(() => ({ payload: Buffer.from(token.split('.')[1]!, 'base64url') }))).payload",
      small: true,
    },
    { check: 'the list of algorithms', find: ' || !method.algorithms.includes(algorithm)' },
    {
      check: 'the type of the token',
      find: "if (method.requiredTyp !== null && !isType(own(header, 'typ'), method.requiredTyp)) return null",
    },
    {
      check: 'the key of a remembered token',
      find: 'entry !== null && provider.keys.has(entry.keyId)',
      replace: 'entry !== null',
    },
  ]),
  {
    check: 'critical extensions',
    attack: 'jwt',
    edits: [
      {
        file: 'policy/jwt.ts',
        find: "if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) return null",
        replace: '',
      },
      {
        file: 'policy/jwt.ts',
        find: '{ algorithms: [algorithm] }',
        replace: '{ algorithms: [algorithm], crit: { x: true } }',
      },
    ],
  },
  {
    check: 'a remembered token belongs to one provider',
    attack: 'jwt',
    edits: [
      { file: 'policy/jwt.ts', find: 'provider.cache.get(provider.hash, ', replace: "provider.cache.get('', " },
      { file: 'policy/jwt.ts', find: 'provider.cache.set(provider.hash, ', replace: "provider.cache.set('', " },
    ],
  },
  ...mutantsOf('jwt', 'state/tokenCache.ts', [
    {
      check: 'the expiry of a remembered token',
      find: 'if (time < entry.until) return entry.token',
      replace: 'return entry.token',
    },
  ]),
  {
    check: 'the issuer',
    attack: 'jwt',
    edits: [
      { file: 'policy/jwtClaims.ts', find: "own(claims, 'iss') !== issuer || ", replace: '' },
      {
        file: 'policy/claiming.ts',
        find: 'providers.filter(({ method }) => method.issuer === jws.issuer)',
        replace: '[...providers]',
      },
    ],
  },
  ...mutantsOf('jwt', 'policy/jwtClaims.ts', [
    { check: 'the audience', find: " || !namesAudience(provider.method.audiences, own(claims, 'aud'))", small: true },
    {
      check: 'the subject',
      find: "typeof subject !== 'string' || subject === '' || subject.length > maxSubject",
      replace: "typeof subject !== 'string'",
    },
    { check: 'the expiry', find: 'return until > now ? until : null', replace: 'return until' },
    {
      check: 'the presence of an expiry',
      find: 'if (!isTime(expiry)) return null',
      replace: 'if (!isTime(expiry)) return endOfTime',
    },
    {
      check: 'the beginning',
      find: '!isTime(notBefore) || notBefore * 1000 > now + clockSkew',
      replace: '!isTime(notBefore)',
    },
    { check: 'the type of the beginning', find: '!isTime(notBefore) || notBefore', replace: 'Number(notBefore)' },
  ]),
  ...mutantsOf('jwt', 'policy/claims.ts', [
    {
      check: 'claims of the prototype',
      find: 'Object.hasOwn(object, member) ? object[member] : undefined',
      replace: "(object[member] ?? (object['__proto__'] as Claims)[member])",
    },
  ]),
  ...mutantsOf('jwt', 'policy/location.ts', [
    {
      check: 'one value a header',
      find: "return values.length > 1 ? 'ambiguous' : { text: values[0]! }",
      replace: 'return { text: values[0]! }',
      small: true,
    },
  ]),
  ...mutantsOf('jwt', 'policy/claiming.ts', [
    {
      check: 'one credential a request',
      find: "if (claiming === 'ambiguous' || (typeof claiming === 'object' && found !== null)) return 'ambiguous'\n    if (typeof claiming === 'object') [found, where] = [claiming, location]",
      replace: "if (typeof claiming === 'object') [found, where] = [claiming, location]",
    },
    { check: 'a credential that nobody claims', find: "if (unclaimed) return 'unclaimed'" },
  ]),
  ...mutantsOf('jwt', 'policy/authentication.ts', [
    {
      check: 'a broken provider',
      find: "if (provider.keys === null) return failure('config-invalid', name)",
      replace: 'if (provider.keys === null) return null',
    },
    {
      check: 'who needs a credential',
      find: 'anonymous ? null : unauthenticated(challenges.missing, null)',
      replace: 'anonymous || challenges ? null : null',
    },
  ]),
]

const others: Mutant[] = [
  {
    check: 'the hash of the key',
    attack: 'apiKey',
    small: true,
    edits: [
      {
        file: 'policy/apiKey.ts',
        find: 'const known = keys.get(digest)',
        replace: 'const known = keys.get(digest) ?? [...keys.values()][0]!',
      },
      {
        file: 'policy/apiKey.ts',
        find: " || !timingSafeEqual(known.digest, Buffer.from(digest, 'hex'))",
        replace: '',
      },
    ],
  },
  ...mutantsOf('apiKey', 'policy/apiKey.ts', [
    { check: 'the time before which a key is not valid', find: '(notBefore !== null && now < notBefore) || ' },
    { check: 'the expiry of a key', find: ' || (expiresAt !== null && now >= expiresAt)' },
  ]),
  ...mutantsOf('mtls', 'policy/mtls.ts', [
    {
      check: 'the anchor of the chain',
      find: 'if (!broken && anchors !== null && !anchors.has(certificate.anchor)) return null',
      small: true,
    },
  ]),
  ...mutantsOf('mtls', 'policy/subjectAltNames.ts', [
    {
      check: 'the name',
      find: 'own.length === parts.length && parts.every(',
      replace: 'own.length > 0 || parts.every(',
    },
    { check: 'a star is one segment', find: 'own.length === parts.length && ' },
    { check: 'a star is not nothing', find: '(part ?? (own[index] || null))', replace: '(part ?? own[index])' },
  ]),
  {
    check: 'the type of the name',
    attack: 'mtls',
    edits: [
      {
        file: 'policy/subjectAltNames.ts',
        find: 'return certificate.uris',
        replace: 'return [...certificate.uris, ...certificate.dnsNames]',
      },
      {
        file: 'http/subjectAltNames.ts',
        find: 'tag === dnsNameTag && dnsName.test(text)',
        replace: 'tag === dnsNameTag',
      },
    ],
  },
  ...mutantsOf('renegotiation', 'http/tlsTerminator.ts', [
    { check: 'a client stays who it was', find: 'constants.SSL_OP_NO_RENEGOTIATION | ' },
  ]),
  ...mutantsOf('mtls', 'http/tlsListener.ts', [
    { check: 'the chain', find: 'socket.authorized ? ', replace: 'socket.encrypted ? ' },
  ]),
  ...mutantsOf('mtls', 'gateway/connectionFit.ts', [
    {
      check: 'the certificate of the connection serves the host',
      find: 'selection.certificate === connection.certificate &&',
    },
  ]),
  ...quotaMutants,
]

/** Who asks, and what is permitted: authorization, tokens, keys, certificates, quotas. */
export const policyMutants: readonly Mutant[] = [...authorization, ...factMutants, ...jwt, ...others]
