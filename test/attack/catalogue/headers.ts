import type { Chapter } from './flaw.ts'

/** Headers with which a client passes for a proxy or for somebody else. */
export const headers: Chapter = {
  title: 'Headers that are believed',
  flaws: [
    {
      ids: ['CVE-2023-27487'],
      where: 'Envoy',
      cause: 'a header of the client replaced the path that tokens were asked for at',
      cases: {
        path: ['a decoy in headers (CVE-2026-40575)'],
        headers: ['X-Original-URL and X-Rewrite-URL'],
      },
    },
    {
      ids: ['CVE-2026-26308', 'CVE-2021-32777'],
      where: 'Envoy',
      cause: 'of a repeated header only one line, or only their concatenation, was compared',
      cases: {
        headers: ['a value that a route asks for, and another beside it (CVE-2026-26308)'],
        authorization: [
          'a denied value in the second line (CVE-2026-26308)',
          'a denied value in the first line (CVE-2021-32777)',
        ],
      },
    },
    {
      ids: ['CVE-2024-45410', 'CVE-2026-29054'],
      where: 'Traefik',
      cause: 'Connection took away what the proxy had written, and after a mend still did in lower case',
      cases: {
        headers: [
          'nominating X-Forwarded-For (CVE-2024-45410)',
          'nominating it in lower case with spaces',
          'nominating it with underscores (CVE-2026-29054)',
        ],
      },
    },
    {
      ids: ['CVE-2026-33805'],
      where: '@fastify/reply-from, @fastify/http-proxy',
      cause: 'Connection was looked at after the application had added its own headers',
      cases: {
        headers: ['nominating the gateway’s own identity header (CVE-2026-33805)', 'nominating Host'],
        backendIdentity: ['a token that Connection nominates stays'],
      },
    },
    {
      ids: ['GHSA-w9mr-28mw-j8hg', 'CVE-2021-33197'],
      where: 'Oathkeeper, Go httputil',
      cause: 'Connection took away headers of the proxy',
      cases: {
        headers: [
          'headers that Connection nominates',
          'nominating the gateway’s own identity header (CVE-2026-33805)',
          'hop-by-hop headers',
        ],
      },
    },
    {
      ids: ['CVE-2026-6338'],
      where: 'Kong',
      cause: 'Connection took Content-Length away, so that the body became the next request',
      cases: { headers: ['nominating Content-Length leaves the body a body (CVE-2026-6338)', 'nominating Host'] },
    },
    {
      ids: ['CVE-2025-64484', 'CVE-2026-33433', 'CVE-2026-39858', 'CVE-2026-52845'],
      where: 'oauth2-proxy, Traefik, Caddy',
      cause: 'a name with underscores or in another spelling was not overwritten, and the backend took it for the same',
      cases: {
        headers: [
          'an identity header with underscores (CVE-2025-64484)',
          'an identity header half with underscores',
          'an identity header with dots, which a CGI backend reads as underscores',
          'members of the X-Forwarded family with underscores (CVE-2026-33433)',
          'claiming to be another principal beside a good token',
        ],
        apiKey: ['a key under the name with underscores', 'a good key passes and does not go on, in no spelling'],
      },
    },
    {
      ids: ['CVE-2026-30851'],
      where: 'Caddy',
      cause: 'an identity header was overwritten only where there was something to write',
      cases: {
        headers: [
          'an identity header where the policy has nothing to say of it (CVE-2026-30851)',
          'an identity header',
        ],
        jwt: ['a tenant that the provider may not claim does not go on (M5)'],
        authorization: ['a caller without tenant (CVE-2026-30851)'],
      },
    },
    {
      ids: ['CVE-2026-35051', 'CVE-2026-54764', 'CVE-2026-33495'],
      where: 'Traefik, Oathkeeper',
      cause: 'X-Forwarded headers counted though nobody had said that their sender is trusted',
      cases: {
        headers: [
          'X-Forwarded-For of a peer that nobody trusts (CVE-2026-35051)',
          'X-Forwarded-Proto and -Host',
          'members of the X-Forwarded family…',
          'Forwarded',
        ],
        authorization: ['a source that only the client claims'],
        quota: ['another address in a header that nobody believes'],
      },
    },
    {
      ids: ['CVE-2026-3635', 'CVE-2026-16732', 'CVE-2026-92395', 'CVE-2026-90711'],
      where: 'Fastify, proxy-addr',
      cause: 'scheme and host were read from any peer; mapped addresses fell out of their range',
      cases: {
        headers: [
          'X-Forwarded-For with an address in IPv4-mapped form (CVE-2026-92395)',
          'X-Forwarded-For of a trusted peer: the right-most entry that is not trusted counts',
          'X-Forwarded-For with an entry that is no address ends there',
        ],
        authorization: ['the same, written as IPv6 (CVE-2026-92395)'],
      },
    },
    {
      ids: ['CVE-2022-24112'],
      where: 'APISIX',
      cause: 'a forged X-Real-IP opened the administration, which stood beside the routes',
      cases: {
        headers: ['X-Real-IP (CVE-2022-24112)'],
        path: ['figures of the gateway (CVE-2026-49445)', 'the reserved prefix'],
        'test/wire/dataplane.test.ts': ['never serves the admin paths on a data listener'],
      },
    },
    {
      ids: ['CVE-2026-45045'],
      where: 'Fiber',
      cause: 'the address of the client was added to what the client had sent, not put in its place',
      cases: {
        headers: [
          'X-Forwarded-For of a peer that nobody trusts (CVE-2026-35051)',
          'X-Real-IP (CVE-2022-24112)',
          'Forwarded',
        ],
      },
    },
    {
      ids: ['CVE-2022-38580'],
      where: 'Skipper',
      cause: 'a header of the client chose the backend',
      cases: {
        host: [
          'X-Forwarded-Host does not route',
          'an absolute-form target of another host does not lead to the shop',
          'the backend is never told the client’s Host as its own',
        ],
      },
    },
    {
      ids: ['CVE-2026-40574', 'CVE-2023-48312'],
      where: 'oauth2-proxy, capsule-proxy',
      cause: 'a name with two ats was of both domains; an empty token was somebody',
      cases: {
        mtls: ['two ats (CVE-2026-40574)'],
        jwt: ['an empty token (CVE-2023-48312)', 'an empty subject'],
        apiKey: ['an empty key (CVE-2023-48312)'],
        places: ['an empty cookie where nobody needs one (CVE-2023-48312)'],
      },
    },
  ],
}
