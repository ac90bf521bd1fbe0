import { attacks, request, type Answer, type Attack } from './attack.ts'
import { staffToken } from './tokens.ts'

type Sent = NonNullable<Parameters<typeof request>[1]>

const sent = (name: string, target: string, answer: Answer, over: Sent & Partial<Attack> = {}): Attack => {
  const { headers, method, listener, logged, answered } = over
  const sending: Sent = { ...(headers && { headers }), ...(method !== undefined && { method }) }
  return {
    name,
    send: request(target, sending),
    answers: [answer],
    ...(answer === 'passed' && { reached: [{ target }] }),
    ...(listener && { listener }),
    ...(logged && { logged }),
    ...(answered && { answered }),
  }
}

const forbidden: Answer = ['forbidden', 'authorization']
const refusedBy = (name: string, item: string, target: string, headers: readonly string[] = []): Attack =>
  sent(name, target, forbidden, { headers, logged: { item } })

/** Alice of tenant acme. */
const alice = (name: string, target: string, answer: Answer, claims = {}): Attack => ({
  ...sent(name, target, answer),
  send: async (victim) => {
    const token = await staffToken(victim, claims)
    return request(target, { headers: [`Authorization: Bearer ${token}`] })
  },
})

const stepUp = /^Bearer realm="gatehouse", error="insufficient_user_authentication", acr_values="two"$/

attacks('authorization', [
  alice('the own tenant', '/tenants/acme/7', 'passed'),
  alice('another tenant (OWASP API1)', '/tenants/other/7', forbidden),
  alice('the own tenant in capitals (OWASP API1)', '/tenants/ACME/7', forbidden),
  {
    ...alice('the own tenant with a needless escape, decoded once', '/tenants/%61cme/7', 'passed'),
    reached: [{ target: '/tenants/acme/7' }],
  },
  alice('another tenant behind path parameters (CVE-2026-73511)', '/tenants/acme;x=1/7', forbidden),
  alice('another tenant before escaped path parameters (CVE-2026-73551)', '/tenants/acme%3Bx/7', forbidden),
  alice('a tenant that decodes twice to the own', '/tenants/%2561cme/7', forbidden),
  alice('a tenant of bytes that are no text (CVE-2026-73552)', '/tenants/acme%FF/7', forbidden),
  alice('a slash inside a parameter (CVE-2021-29492)', '/tenants/acme%2Fother/7', ['bad-path', 'form']),
  alice('an empty parameter', '/tenants//7', ['bad-path', 'form']),
  alice('a parameter of dots (CVE-2019-9901)', '/tenants/../7', ['bad-path', 'form']),
  alice('an element more than the template has', '/tenants/acme/7/8', ['no-route', 'route']),
  alice('a tenant in the fragment (CVE-2023-47106)', '/tenants/other/7#/tenants/acme/7', ['bad-path', 'form']),
  alice('a tenant in the query (CVE-2025-54576)', '/tenants/other/7?tenant=acme', forbidden),
  alice('a caller without tenant (CVE-2026-30851)', '/tenants/undefined/7', forbidden, { tid: undefined }),
  sent('every character that a path may hold (CVE-2025-46821)', "/moods/~!$&'()*+,=:@-._a%20b", 'passed'),

  sent('nothing that is denied', '/moods/x', 'passed'),
  refusedBy('a denied value', 'evil', '/moods/x', ['X-Mood: evil']),
  refusedBy('a denied value in the second line (CVE-2026-26308)', 'evil', '/moods/x', ['X-Mood: good', 'X-Mood: evil']),
  refusedBy('a denied value in the first line (CVE-2021-32777)', 'evil', '/moods/x', ['X-Mood: evil', 'x-mood: good']),
  sent('a denied value with obs-text (CVE-2026-73552)', '/moods/x', ['bad-request', 'form'], {
    headers: ['X-Mood: evil\xff'],
  }),
  refusedBy('a denied parameter', 'debug', '/moods/x?mode=debug'),
  refusedBy('a denied parameter, repeated (CVE-2022-34296)', 'debug', '/moods/x?mode=good&mode=debug'),
  refusedBy('a denied parameter, encoded (CVE-2022-34296)', 'debug', '/moods/x?m%6Fde=de%62ug'),
  refusedBy('a denied parameter, undecodable', 'debug', '/moods/x?mode=debug&%zz=1'),
  refusedBy('a denied path', 'admin', '/moods/admin'),
  refusedBy('a denied path, encoded (CVE-2026-22031)', 'admin', '/moods/%61dmin'),
  refusedBy('a denied path with path parameters (CVE-2026-73553)', 'admin', '/moods/admin;x'),
  sent('a denied path in the query (CVE-2025-54576)', '/moods/x?/moods/admin', 'passed'),
  refusedBy('a denied template', 'secret', '/moods/x/secret'),
  refusedBy('a denied template with path parameters (CVE-2026-73511)', 'secret', '/moods/x/secret;y'),
  refusedBy('a denied template, encoded', 'secret', '/moods/x%40/%73ecret'),

  alice('an expression that asks for a credential (M10)', '/credentials', forbidden),
  sent('an expression that asks for a credential that is not there', '/credentials', [
    'unauthenticated',
    'authorization',
  ]),

  sent('a source that is denied', '/sources', ['forbidden', 'source-ip'], {
    listener: 'front',
    headers: ['X-Forwarded-For: 203.0.113.7'],
    logged: { policy: 'shop/sources' },
  }),
  sent('the same, written as IPv6 (CVE-2026-92395)', '/sources', ['forbidden', 'source-ip'], {
    listener: 'front',
    headers: ['X-Forwarded-For: ::ffff:203.0.113.7'],
  }),
  sent('the same, behind another that the client claims', '/sources', ['forbidden', 'source-ip'], {
    listener: 'front',
    headers: ['X-Forwarded-For: 192.0.2.1, 203.0.113.7'],
  }),
  sent('a source that only the client claims', '/outside', forbidden, { headers: ['X-Forwarded-For: 10.0.0.1'] }),
  sent('a broken list of sources', '/unsound-sources', ['config-invalid', 'config']),
  sent('a broken expression', '/unsound-expression', ['config-invalid', 'config'], { method: 'DELETE' }),
  sent('what a broken expression is not for', '/unsound-expression', 'passed'),

  {
    ...alice('a trust level that is too low (RFC 9470)', '/trust', ['unauthenticated', 'authorization'], {
      acr: 'one',
    }),
    answered: { 'www-authenticate': stepUp },
  },
  {
    ...alice('no trust level (RFC 9470)', '/trust', ['unauthenticated', 'authorization']),
    answered: { 'www-authenticate': stepUp },
  },
  {
    ...alice('a trust level of another name', '/trust', ['unauthenticated', 'authorization'], { acr: 'TWO' }),
    answered: { 'www-authenticate': stepUp },
  },
  alice('a trust level that will do', '/trust', 'passed', { acr: 'two' }),
])
