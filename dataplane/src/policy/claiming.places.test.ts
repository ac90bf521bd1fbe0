import { describe, expect, it } from 'vitest'
import { apiKeyProvider } from './apiKey.ts'
import { claim, type Claimants, type Credentials } from './claiming.ts'
import { locationsOf } from './location.ts'
import { assembled, jwtProvider, keySource, noon, presenting } from './policyFixture.ts'

const allowed = 'https://shop.example'
const staff = jwtProvider(keySource([]))
const guests = jwtProvider(keySource([]), { issuer: 'https://guests' }, { name: 'guests', hash: 'guests' })
const partners = apiKeyProvider(
  { name: 'partners', asserts: { roles: [], groups: [], tenants: [], plans: [] } },
  { object: 'x', level: 3 },
  [],
)

const claimants: Claimants = {
  locations: locationsOf([
    {
      provider: staff,
      from: [
        { header: 'authorization', prefix: 'Bearer ' },
        { cookie: 'session', allowedOrigins: [allowed] },
        { cookie: 'session', allowedOrigins: [allowed] },
        { query: 'access_token' },
      ],
    },
    { provider: guests, from: [{ cookie: 'session', allowedOrigins: [] }] },
    { provider: partners, from: [{ cookie: 'key', allowedOrigins: [] }, { query: 'key' }] },
  ]),
  mtls: [],
}

const token = (iss: string): string => assembled({ alg: 'RS256' }, { iss }, 'signature')
const good = token('https://idp')
const other = token('https://guests')

function claimed(request: Credentials): string {
  const claiming = claim(claimants, request, noon)
  if (typeof claiming === 'string') return claiming
  return claiming.type === 'CrossSite' ? `cross-site ${claiming.provider.name}` : claiming.provider.name
}

describe('a credential in a cookie (M3)', () => {
  it.each<[string, string | string[], string]>([
    ['alone', `session=${good}`, 'staff'],
    ['of another issuer', `session=${other}`, 'guests'],
    ['among others', `a=1; session=${good}; b=2`, 'staff'],
    ['beside a broken one', `{"a":"b, c"}; session=${good}`, 'staff'],
    ['of a name that only ends alike', `xsession=${good}`, 'none'],
    ['of a name in other case', `Session=${good}`, 'none'],
    ['inside the value of another', `a=session=${good}`, 'none'],
    ['twice', `session=${good}; session=${good}`, 'ambiguous'],
    ['twice, once without a value', `session=${good}; session`, 'ambiguous'],
    ['twice, once with a space before its equals sign', `session=${good}; session =x`, 'ambiguous'],
    ['twice, once behind a tab', `session=${good};\tsession=x`, 'ambiguous'],
    ['in two headers', [`session=${good}`, 'a=1'], 'ambiguous'],
    ['in none of two headers', ['a=1', 'b=2'], 'ambiguous'],
    ['beside another', `session=${good}; key=x`, 'ambiguous'],
    ['in quotes', `session="${good}"`, 'unclaimed'],
    ['empty', 'session=', 'unclaimed'],
    ['without equals sign', 'session', 'unclaimed'],
    ['behind two spaces', `a=1;  session=${good}`, 'unclaimed'],
    ['that holds what no value may', `key=a,b`, 'unclaimed'],
    ['an opaque key', 'key=x', 'partners'],
  ])('%s', (_name, cookie, expected) => {
    expect(claimed(presenting({ cookie }))).toBe(expected)
  })

  it('beside a good one in a header is ambiguous, and spoils it when it is bad', () => {
    const authorization = `Bearer ${good}`
    expect(claimed(presenting({ authorization, cookie: `session=${other}` }))).toBe('ambiguous')
    expect(claimed(presenting({ authorization, cookie: 'session=x' }))).toBe('unclaimed')
  })
})

describe('a cookie that a browser sends for another site', () => {
  const cookie = `session=${good}`
  it.each<[string, Record<string, string | string[]>, Partial<Credentials>, string]>([
    ['GET without Origin', {}, {}, 'staff'],
    ['GET from elsewhere, which reads nothing', { origin: 'https://evil.example' }, {}, 'staff'],
    ['HEAD without Origin', {}, {}, 'staff'],
    ['OPTIONS without Origin', {}, {}, 'staff'],
    ['POST from its own origin', { origin: 'https://api.example' }, {}, 'staff'],
    ['POST from an allowed origin', { origin: allowed }, {}, 'staff'],
    [
      'POST from its own origin with port',
      { origin: 'https://api.example:8443' },
      { authority: 'API.example:8443' },
      'staff',
    ],
    [
      'POST to the port that goes without saying',
      { origin: 'https://api.example' },
      { authority: 'api.example:443' },
      'staff',
    ],
    ['POST without Origin', {}, {}, 'cross-site staff'],
    ['POST from elsewhere', { origin: 'https://evil.example' }, {}, 'cross-site staff'],
    ['POST from nowhere', { origin: 'null' }, {}, 'cross-site staff'],
    ['POST with an empty Origin', { origin: '' }, {}, 'cross-site staff'],
    ['POST from plain http', { origin: 'http://api.example' }, {}, 'cross-site staff'],
    ['POST from another port', { origin: 'https://api.example:8443' }, {}, 'cross-site staff'],
    ['POST from an origin that begins alike', { origin: `${allowed}.evil` }, {}, 'cross-site staff'],
    ['POST with two Origins', { origin: [allowed, allowed] }, {}, 'cross-site staff'],
    ['POST with two Origins in one line', { origin: `${allowed} https://evil.example` }, {}, 'cross-site staff'],
    ['PUT without Origin', {}, {}, 'cross-site staff'],
    ['PROPFIND without Origin', {}, {}, 'cross-site staff'],
    ['GET as a WebSocket without Origin', { upgrade: 'websocket' }, {}, 'cross-site staff'],
    [
      'GET as a WebSocket from elsewhere',
      { upgrade: 'WebSocket', origin: 'https://evil.example' },
      {},
      'cross-site staff',
    ],
    ['GET as a WebSocket of its own', { upgrade: 'websocket', origin: 'https://api.example' }, {}, 'staff'],
    ['GET with an offer of h2c', { upgrade: 'h2c' }, {}, 'staff'],
  ])('%s', (name, headers, over, expected) => {
    const method = name.split(' ', 1)[0]!
    expect(claimed(presenting({ cookie, ...headers }, { method, ...over }))).toBe(expected)
  })

  it('is judged by the origins of its own provider', () => {
    const request = presenting({ cookie: `session=${other}`, origin: allowed }, { method: 'POST' })
    expect(claimed(request)).toBe('cross-site guests')
  })

  it('is no matter of a header or a parameter', () => {
    expect(claimed(presenting({ authorization: `Bearer ${good}` }, { method: 'POST' }))).toBe('staff')
    expect(claimed(presenting({}, { method: 'POST', query: `?access_token=${good}` }))).toBe('staff')
  })
})

describe('a credential in the query (M3)', () => {
  it.each<[string, string, string]>([
    ['alone', `?access_token=${good}`, 'staff'],
    ['among others', `?a=1&access_token=${good}&b=2`, 'staff'],
    ['under its name percent-encoded', `?%61ccess_token=${good}`, 'staff'],
    ['with a dot percent-encoded', `?access_token=${good.replace('.', '%2E')}`, 'staff'],
    ['an opaque key', '?key=x%20y', 'partners'],
    ['twice', `?access_token=${good}&access_token=${good}`, 'ambiguous'],
    ['twice, once percent-encoded', `?access_token=${good}&%61ccess_token=x`, 'ambiguous'],
    ['twice, once wholly percent-encoded', `?key=x&%6B%65%79=y`, 'ambiguous'],
    ['twice, once without a value', `?access_token=${good}&access_token`, 'ambiguous'],
    ['two of two providers', `?access_token=${good}&key=x`, 'ambiguous'],
    ['empty', '?access_token=', 'unclaimed'],
    ['without equals sign', '?access_token', 'unclaimed'],
    ['with a bad escape', '?key=%zz', 'unclaimed'],
    ['that is no UTF-8', '?key=%ff', 'unclaimed'],
    ['of a name in other case', `?Access_token=${good}`, 'none'],
    ['of a name encoded twice', `?%2561ccess_token=${good}`, 'none'],
    ['inside another value', `?a=access_token=${good}`, 'none'],
    ['behind a semicolon', `?a=1;access_token=${good}`, 'none'],
  ])('%s', (_name, query, expected) => {
    expect(claimed(presenting({}, { query }))).toBe(expected)
  })
})
