import type { RawOptions } from '../support/raw.ts'
import type { Leaf, LeafOptions } from '../support/authority.ts'
import { attacks, request, type Answer, type Attack } from './attack.ts'
import { host } from './shop.ts'
import { staffToken } from './tokens.ts'
import type { Victim } from './victim.ts'

type Tls = NonNullable<RawOptions['tls']>
type MakeLeaf = (victim: Victim) => Promise<Leaf>

const spiffe = 'spiffe://cluster.local/ns/shop/sa/worker'
const hour = 3_600_000

const workload =
  (over: LeafOptions = {}): MakeLeaf =>
  ({ clientCa }) =>
    clientCa.workloads.leaf({ uris: [spiffe], usages: ['clientAuth'], ...over })

/** What a client presents; it verifies the server in every case. */
const connection =
  (make: MakeLeaf | null, over: Tls = {}) =>
  async (victim: Victim): Promise<Tls> => {
    const leaf = make === null ? null : await make(victim)
    return {
      ca: victim.serverCa.certificate,
      servername: host,
      ...(leaf !== null && { cert: leaf.certificate, key: leaf.privateKey }),
      ...over,
    }
  }

const presented = (name: string, make: MakeLeaf | null, answer: Answer, over: Partial<Attack> = {}): Attack => ({
  name,
  listener: 'https',
  tls: connection(make),
  send: request('/workloads'),
  answers: [answer],
  ...(answer === 'passed' && { reached: [{}] }),
  ...over,
})

const refused = (name: string, make: MakeLeaf | null): Attack =>
  presented(name, make, ['unauthenticated', 'authentication'], { logged: { rule: 'workloads', principal: null } })

const misdirected = (name: string, servername: string, hostHeader: string): Attack =>
  presented(name, workload(), ['misdirected', 'route'], {
    tls: connection(workload(), { servername }),
    send: request('/workloads', { host: hostHeader }),
  })

/** A certificate with these names where every type of name may speak, and who it is then; null = nobody. */
const named = (name: string, leaf: LeafOptions, subject: string | null): Attack =>
  presented(
    name,
    workload({ uris: [], ...leaf }),
    subject === null ? ['unauthenticated', 'authentication'] : 'passed',
    {
      send: request('/named'),
      ...(subject === null
        ? { logged: { rule: 'named', principal: null } }
        : {
            reached: [{ headers: { 'x-gatehouse-subject': subject } }],
            logged: { principal: JSON.stringify(['shop/named/named', '', subject]) },
          }),
    },
  )

attacks('mtls names', [
  named('a DNS name', { dnsNames: ['Web.Mesh.example'] }, 'web.mesh.example'),
  named('an e-mail address', { emails: ['Ada@Shop.EXAMPLE'] }, 'Ada@shop.example'),
  named('an address', { addresses: ['192.0.2.7'] }, '192.0.2.7'),
  named(
    'several names: the first pattern decides',
    { addresses: ['192.0.2.7'], emails: ['ada@shop.example'], dnsNames: ['b.mesh.example', 'a.mesh.example'] },
    'b.mesh.example',
  ),
  named('a URI that looks like the DNS name', { uris: ['web.mesh.example'] }, null),
  named('a URI that holds the DNS name', { uris: ['https://web.mesh.example'] }, null),
  named('a DNS name that looks like the URI', { dnsNames: [spiffe] }, null),
  named('a DNS name that looks like the address', { dnsNames: ['192.0.2.7'] }, null),
  named('a DNS name that looks like the e-mail address', { dnsNames: ['ada@shop.example'] }, null),
  named('an e-mail address that looks like the DNS name', { emails: ['web.mesh.example'] }, null),
  named('a URI that looks like the e-mail address', { uris: ['mailto:ada@shop.example'] }, null),
  named('names injected into a DNS name (CVE-2021-44532)', { dnsNames: ['a, DNS:web.mesh.example'] }, null),
  named('names injected into a URI (CVE-2021-44533)', { uris: ['x:a,DNS:web.mesh.example'] }, null),
  named('NUL in a DNS name', { dnsNames: ['web.mesh.example\0.evil.example'] }, null),
  named('NUL before the domain', { dnsNames: ['evil\0.mesh.example'] }, null),
  named('NUL in a URI', { uris: [`${spiffe}\0`] }, null),
  named('NUL in an e-mail address', { emails: ['ada@shop.example\0.evil.example'] }, null),
  named('a dot that is any character (CVE-2026-39350)', { dnsNames: ['oneXexact.example'] }, null),
  named('a dot that is any character, in the domain (CVE-2026-39350)', { emails: ['ada@shopXexample'] }, null),
  named('the exact name', { dnsNames: ['one.exact.example'] }, 'one.exact.example'),
  named('a wildcard certificate', { dnsNames: ['*.mesh.example'] }, null),
  named('a star over two labels (M11)', { dnsNames: ['a.web.mesh.example'] }, null),
  named('a star over no label', { dnsNames: ['mesh.example'] }, null),
  named('a dot at the end', { dnsNames: ['web.mesh.example.'] }, null),
  named('a domain below', { emails: ['ada@mail.shop.example'] }, null),
  named('two ats (CVE-2026-40574)', { emails: ['ada@evil.example@shop.example'] }, null),
  named('an address beside the range', { addresses: ['192.0.3.7'] }, null),
  named('the address in the form of IPv6', { names: [{ type: 'ip', value: '::ffff:c000:207' }] }, null),
  named('another kind of name', { names: [{ type: 'upn', value: 'ada@shop.example' }] }, null),
  named('the name as common name alone', { commonName: 'web.mesh.example' }, null),
])

attacks('mtls', [
  refused('no certificate', null),
  refused('a certificate that signed itself into another authority', async () => {
    const { createAuthority } = await import('../support/authority.ts')
    return (await createAuthority('Workload root')).leaf({ uris: [spiffe], usages: ['clientAuth'] })
  }),
  refused('a certificate of an authority that the listener trusts and the policy does not (M11)', ({ clientCa }) =>
    clientCa.others.leaf({ uris: [spiffe], usages: ['clientAuth'] }),
  ),
  refused('a certificate of an intermediate of that authority', async ({ clientCa }) =>
    (await clientCa.others.intermediate('Workload root')).leaf({ uris: [spiffe], usages: ['clientAuth'] }),
  ),
  refused('an expired certificate', workload({ notBefore: Date.now() - 2 * hour, notAfter: Date.now() - hour })),
  refused('a certificate that is not valid yet', workload({ notBefore: Date.now() + hour })),
  refused('a server\u2019s certificate', workload({ usages: ['serverAuth'] })),
  refused('another trust domain', workload({ uris: ['spiffe://evil.local/ns/shop/sa/worker'] })),
  refused('a star that covers two segments (M11)', workload({ uris: ['spiffe://cluster.local/ns/shop/x/sa/worker'] })),
  refused('a star that covers nothing', workload({ uris: ['spiffe://cluster.local/ns//sa/worker'] })),
  refused('a name with a segment behind it', workload({ uris: [`${spiffe}/admin`] })),
  refused('a name with the pattern inside', workload({ uris: [`https://evil.example/?${spiffe}`] })),
  refused('a name in capitals', workload({ uris: [spiffe.toUpperCase()] })),
  refused('the name as common name alone', workload({ uris: [], commonName: spiffe })),
  refused('the name as a DNS name (CVE-2021-44531)', workload({ uris: [], dnsNames: [spiffe] })),
  refused('the name injected into a DNS name (CVE-2021-44532)', workload({ uris: [], dnsNames: [`a, URI:${spiffe}`] })),
  {
    name: 'a certificate in a header',
    listener: 'http',
    send: request('/workloads', {
      headers: ['X-Client-Cert: MIIB', 'Client-Cert: :MIIB:', `X-Forwarded-Client-Cert: URI=${spiffe}`],
    }),
    answers: [['unauthenticated', 'authentication']],
  },
  presented(
    'a good certificate beside a bad token is not looked at (M3)',
    workload(),
    ['unauthenticated', 'authentication'],
    {
      send: request('/workloads', { headers: ['Authorization: Bearer x'] }),
    },
  ),
  presented('a good token beside a good certificate speaks (M3)', workload(), 'passed', {
    send: async (victim) => request('/workloads', { headers: [`Authorization: Bearer ${await staffToken(victim)}`] }),
    reached: [{ headers: { 'x-gatehouse-subject': 'alice' } }],
  }),
  presented('a certificate that no provider of the rule claims is no credential (M3)', workload(), 'passed', {
    send: request('/mixed'),
    logged: { principal: null },
  }),
  presented('a sound certificate passes with its own name', workload(), 'passed', {
    reached: [{ headers: { 'x-gatehouse-subject': spiffe, 'client-cert': null } }],
  }),
  misdirected('a Host of another certificate (421)', host, 'docs.shop.example'),
  misdirected('a Host of the shop on a connection to the docs', 'docs.shop.example', host),
  presented('SNI in capitals (CVE-2026-48928)', workload(), 'passed', {
    tls: connection(workload(), { servername: 'API.SHOP.EXAMPLE' }),
  }),
  presented('no server name needs a certificate too (CVE-2026-50149)', null, ['unauthenticated', 'authentication'], {
    tls: connection(null, { servername: '' }),
  }),
  presented('no server name, with a certificate', workload(), 'passed', {
    tls: connection(workload(), { servername: '' }),
  }),
  presented('SNI in capitals needs a certificate too (CVE-2026-48928)', null, ['unauthenticated', 'authentication'], {
    tls: connection(null, { servername: 'API.SHOP.EXAMPLE' }),
  }),
  presented('TLS 1.2 with a certificate', workload(), 'passed', {
    tls: connection(workload(), { maxVersion: 'TLSv1.2' }),
  }),
  {
    name: 'plain HTTP on a TLS port',
    listener: 'https',
    send: request('/public'),
    answers: [],
    closed: true,
  },
  {
    name: 'a hello that is none',
    listener: 'https',
    send: '\x16\x03\x01\x00\x05\x02\x00\x00\x01\x00',
    answers: [],
    closed: true,
  },
])
