import { ruleCases, structureCases, type Case } from './case.ts'
import { apiKey, byIntrospection, byJwt, provided } from './policy-parts.ts'

type Placed = (...from: readonly object[]) => Case['spec']

const ofToken: Placed = (...from) => byJwt({ from })
const ofOpaqueToken: Placed = (...from) => byIntrospection({ from })
const ofKey: Placed = (...from) => provided({ name: 'a', apiKey: { ...apiKey, from } })

const shop = 'https://shop.example'

/** What each list of places demands. */
const rulesOf = (what: 'jwt' | 'apiKey' | 'introspection', placed: Placed): readonly Case[] => {
  const at = `spec.authentication.anyOf[].${what}.from[]`
  const about = (
    message: string,
    accepted: Record<string, object>,
    refused: Record<string, object>,
  ): readonly Case[] => {
    const specs = (of: Record<string, object>) =>
      Object.fromEntries(Object.entries(of).map(([name, where]) => [`${name} (${what})`, placed(where)]))
    return ruleCases('AccessPolicy', { at, message }, { accepted: specs(accepted), refused: specs(refused) })
  }
  return [
    ...about(
      'exactly one of header, cookie and query is required',
      {
        'a header': { header: 'x-a' },
        'a cookie': { cookie: '__Host-session' },
        'a parameter': { query: 'access_token' },
      },
      {
        'no place': {},
        'two places': { header: 'x-a', query: 'a' },
        'three places': { header: 'a', cookie: 'b', query: 'c' },
      },
    ),
    ...about(
      'a cookie is written as cookie, with its name',
      { 'a header that is nearly a cookie': { header: 'x-cookie' } },
      { 'all cookies': { header: 'cookie' }, 'all cookies in other case': { header: 'Cookie' } },
    ),
    ...about(
      'prefix has no effect without header; remove it',
      { 'a header with prefix': { header: 'x-a', prefix: 'K ' } },
      { 'a cookie with prefix': { cookie: 'a', prefix: 'K ' } },
    ),
    ...about(
      'allowedOrigins has no effect without cookie; remove it',
      { 'a cookie with origins': { cookie: 'a', allowedOrigins: [shop, 'http://localhost:3000'] } },
      {
        'a header with origins': { header: 'x-a', allowedOrigins: [shop] },
        'a parameter with origins': { query: 'a', allowedOrigins: [shop] },
      },
    ),
  ]
}

export const credentialLocationCases: readonly Case[] = [
  ...rulesOf('jwt', ofToken),
  ...rulesOf('apiKey', ofKey),
  ...rulesOf('introspection', ofOpaqueToken),
  ...structureCases('AccessPolicy', {
    accepted: {
      'three places': ofToken(
        { header: 'authorization', prefix: 'Bearer ' },
        { cookie: 'session' },
        { query: 'access_token' },
      ),
    },
    refused: {
      'a cookie without name': ofToken({ cookie: '' }),
      'a cookie with a space': ofToken({ cookie: 'a b' }),
      'a cookie with an equals sign': ofToken({ cookie: 'a=b' }),
      'a parameter without name': ofToken({ query: '' }),
      'a parameter with an escape': ofToken({ query: '%61' }),
      'a parameter in brackets': ofToken({ query: 'a[]' }),
      'any origin': ofToken({ cookie: 'a', allowedOrigins: ['*'] }),
      'no origin in the list': ofToken({ cookie: 'a', allowedOrigins: [] }),
      'a cookie for an origin with a path': ofToken({ cookie: 'a', allowedOrigins: [`${shop}/`] }),
      'an origin that is null': ofToken({ cookie: 'a', allowedOrigins: ['null'] }),
      'an origin with a wildcard': ofToken({ cookie: 'a', allowedOrigins: ['https://*.shop.example'] }),
      'an origin twice': ofToken({ cookie: 'a', allowedOrigins: [shop, shop] }),
    },
  }),
]
