import { anomalyCases } from './anomaly.ts'
import { authenticationCases } from './authentication.ts'
import { authorizationCases } from './authorization.ts'
import { answerCases, secured, sharing } from './answers.ts'
import { boundCases } from './bounds.ts'
import { targetCases } from './target-ref.ts'
import { ruleCases, structureCases, type Case } from './case.ts'
import { credentialLocationCases } from './credential-locations.ts'
import {
  inNamespace,
  target,
  targetRefs,
  jwt,
  apiKey,
  provided,
  byJwt,
  ruled,
  allow,
  deny,
  holding,
  limited,
  running,
  telling,
  subject,
  denying,
  fromAddresses,
} from './policy-parts.ts'
import { quotaCases } from './quota.ts'
import { tokenCases } from './tokens.ts'
import { validationCases } from './validation.ts'

const policyRules: readonly Case[] = [
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec', message: 'a policy needs more than targetRefs' },
    {
      accepted: {
        'only quotas': limited({}),
        'only concurrency': running({}),
        'only rules': ruled(allow),
        'only providers': byJwt({}),
        'only headers': telling(subject),
        'only cors': sharing({}),
        'only security headers': secured({ mode: 'Off' }),
        'only addresses': fromAddresses({ deny: ['192.0.2.0/24'] }),
        'only a deny list': denying({ configMapRef: { name: 'denied' } }),
      },
      refused: { 'a policy that says nothing': { targetRefs } },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.targetRefs', message: 'targetRefs must differ in kind, name or sectionName' },
    {
      accepted: {
        'two rules of a route': {
          ...ruled(deny),
          targetRefs: ['a', 'b'].map((sectionName) => ({ ...target, sectionName })),
        },
        'a route and a Namespace of one name': {
          ...ruled(deny),
          targetRefs: [target, { ...inNamespace, name: target.name }],
        },
        'two routes': { ...ruled(deny), targetRefs: [target, { ...target, name: 'other' }] },
      },
      refused: {
        'one route twice': { ...ruled(deny), targetRefs: [target, target] },
        'one rule twice': { ...ruled(deny), targetRefs: ['a', 'a'].map((sectionName) => ({ ...target, sectionName })) },
      },
    },
  ),
  ...targetCases,
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.forward.identityHeaders[]', message: 'path is required with from: Claim, and only then' },
    {
      accepted: {
        'a claim with path': telling({ name: 'x-user', from: 'Claim', path: ['email'] }),
        'a subject': telling(subject),
      },
      refused: {
        'a claim without path': telling({ name: 'x-user', from: 'Claim' }),
        'a subject with path': telling({ ...subject, path: ['sub'] }),
      },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    {
      at: 'spec.forward.identityHeaders[].name',
      message: 'this header has a meaning of its own and cannot carry an identity',
    },
    {
      accepted: { 'an identity header': telling(subject) },
      refused: {
        'the cookie as identity': telling({ ...subject, name: 'cookie' }),
        'a proxy header as identity': telling({ ...subject, name: 'proxy-authorization' }),
      },
    },
  ),
]

const named = (type: string, pattern: string) => provided({ name: 'a', mtls: { subjectAltNames: [{ type, pattern }] } })

const structure = structureCases('AccessPolicy', {
  accepted: {
    'a policy that is tried': { ...ruled(deny), mode: 'Shadow' },
    'a policy that says that it decides': { ...ruled(deny), mode: 'Enforce' },
    'keys by http for development': byJwt({ jwks: { uri: 'http://127.0.0.1:9000/jwks?x=y' } }),
    'an address of a certificate': named('IP', '2001:db8::/32'),
    'everybody of a mail domain': named('Email', '*@shop.example'),
    'a prefix of its own': provided({
      name: 'a',
      apiKey: { ...apiKey, from: [{ header: 'authorization', prefix: 'Key ' }] },
    }),
  },
  refused: {
    'no target': { authorization: { rules: [deny] } },
    'empty targets': { ...ruled(deny), targetRefs: [] },
    'a target of another kind': { ...ruled(deny), targetRefs: [{ ...target, kind: 'HTTPRoute' }] },
    'a target without kind': { ...ruled(deny), targetRefs: [{ group: 'gatehouse.dev', name: 'orders' }] },
    'a target in another namespace': { ...ruled(deny), targetRefs: [{ ...target, namespace: 'other' }] },
    'two providers of one name': provided({ name: 'a', jwt }, { name: 'a', apiKey }),
    'no issuer': byJwt({ issuer: undefined }),
    'an empty issuer': byJwt({ issuer: '' }),
    'no audience': byJwt({ audiences: [] }),
    'no algorithm': byJwt({ algorithms: [] }),
    'a secret as key': byJwt({ algorithms: ['HS256'] }),
    'no signature': byJwt({ algorithms: ['none'] }),
    'an algorithm twice': byJwt({ algorithms: ['ES256', 'ES256'] }),
    'keys by ftp': byJwt({ jwks: { uri: 'ftp://idp.example/jwks' } }),
    'keys with a password': byJwt({ jwks: { uri: 'https://user:password@idp.example/jwks' } }),
    'keys with a fragment': byJwt({ jwks: { uri: 'https://idp.example/jwks#a' } }),
    'no place for the key': provided({ name: 'a', apiKey: { secretSelector: apiKey.secretSelector } }),
    'no place in the list for the key': provided({ name: 'a', apiKey: { ...apiKey, from: [] } }),
    'a key in every Secret': provided({ name: 'a', apiKey: { ...apiKey, secretSelector: { matchLabels: {} } } }),
    'a selector without labels': provided({ name: 'a', apiKey: { ...apiKey, secretSelector: {} } }),
    'certificates of any name': provided({ name: 'a', mtls: {} }),
    'any address': named('IP', '*'),
    'a name of another type': named('UPN', 'ada@shop.example'),
    'any DNS name': named('DNS', '*'),
    'a star within a segment': named('URI', 'spiffe://a/sa*'),
    'a star in a mail domain': named('Email', 'ada@*.example'),
    'a name with a space': named('URI', 'spiffe://a/b c'),
    'anonymous that is no object': provided({ name: 'a', anonymous: true }),
    'anonymous with a field': provided({ name: 'a', anonymous: { allow: true } }),
    'two rules of one name': ruled(allow, allow),
    'a rule without action': ruled({ ...allow, action: undefined }),
    'an unknown action': ruled({ ...allow, action: 'Permit' }),
    'an unknown attribute': holding({ attribute: 'Age', anyOf: ['a'] }),
    'an unknown mode': { ...ruled(deny), mode: 'shadow' },
    'a rule of an unknown mode': ruled({ ...deny, mode: 'Off' }),
    'a path that cannot match': ruled({ ...deny, paths: [{ type: 'PathPrefix', value: '/%61dmin' }] }),
    'concurrency without keys': running({ keys: [] }),
    'concurrency by a key twice': running({ keys: [{ type: 'IP' }, { type: 'IP' }] }),
    'concurrency of nothing': running({ limit: 0 }),
    'concurrency without a limit': { targetRefs, concurrency: { keys: [{ type: 'IP' }] } },
    'a misspelt key of concurrency': running({ key: [] }),
    'a header told twice': telling(subject, { ...subject, from: 'Tenant' }),
    'no headers to tell': telling(),
  },
})

export const accessPolicyCases: readonly Case[] = [
  ...policyRules,
  ...authenticationCases,
  ...boundCases,
  ...credentialLocationCases,
  ...tokenCases,
  ...anomalyCases,
  ...authorizationCases,
  ...answerCases,
  ...structure,
  ...validationCases,
  ...quotaCases,
]
