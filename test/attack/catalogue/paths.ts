import type { Chapter } from './flaw.ts'

/** Paths that two readers take for different ones. */
export const paths: Chapter = {
  title: 'Paths and matches',
  flaws: [
    {
      ids: ['CVE-2019-9901'],
      where: 'Envoy',
      cause: 'rules saw the path before dot segments were resolved',
      cases: {
        path: [
          'dot segments out of the open part (CVE-2019-9901)',
          'a single dot segment',
          'a dot segment at the end',
          'one dot encoded',
        ],
        authorization: ['a parameter of dots (CVE-2019-9901)'],
      },
    },
    {
      ids: ['CVE-2021-29492'],
      where: 'Envoy',
      cause: 'escaped slashes and backslashes were decoded by the backend, and not for the rules',
      cases: {
        path: ['an encoded slash (CVE-2021-29492)', 'an encoded slash behind dots', 'an encoded backslash'],
        authorization: ['a slash inside a parameter (CVE-2021-29492)'],
      },
    },
    {
      ids: ['CVE-2021-31920', 'CVE-2021-39156', 'CVE-2021-39155'],
      where: 'Istio',
      cause: 'several slashes, fragments and the case of Host were not the same to rules and routes',
      cases: {
        path: [
          'an empty first segment (CVE-2021-31920)',
          'an empty segment inside',
          'a fragment (CVE-2021-39156)',
          'a fragment encoded in the query',
        ],
        host: ['capitals (CVE-2021-39155)'],
      },
    },
    {
      ids: ['CVE-2026-73511', 'CVE-2026-73551', 'CVE-2026-73553'],
      where: 'Envoy',
      cause: 'path parameters were cut off by the backend, and not by router and rules',
      cases: {
        path: [
          'dots before path parameters (CVE-2026-73511)',
          'dots behind path parameters',
          'a path parameter on the matched element',
          'a path parameter on the guarded part within the open one (CVE-2026-73511)',
          'an encoded delimiter before the guarded part',
        ],
        authorization: [
          'another tenant behind path parameters (CVE-2026-73511)',
          'another tenant before escaped path parameters (CVE-2026-73551)',
          'a denied path with path parameters (CVE-2026-73553)',
          'a denied template with path parameters (CVE-2026-73511)',
        ],
      },
    },
    {
      ids: ['CVE-2025-46821'],
      where: 'Envoy',
      cause: 'a template did not know every character that a path may hold',
      cases: {
        path: ['every legal character behind the prefix (CVE-2025-46821)'],
        authorization: ['every character that a path may hold (CVE-2025-46821)'],
      },
    },
    {
      ids: ['CVE-2026-73552'],
      where: 'Envoy',
      cause: 'an expression failed on bytes that are no UTF-8, and what fails did not deny',
      cases: {
        path: ['a byte beyond ASCII (CVE-2026-73552)'],
        headers: ['obs-text in a value (CVE-2026-73552)'],
        authorization: [
          'a tenant of bytes that are no text (CVE-2026-73552)',
          'a denied value with obs-text (CVE-2026-73552)',
        ],
      },
    },
    {
      ids: [
        'CVE-2025-66490',
        'CVE-2025-47952',
        'CVE-2025-32431',
        'CVE-2026-40912',
        'CVE-2026-48020',
        'CVE-2026-65600',
        'CVE-2026-67309',
      ],
      where: 'Traefik',
      cause: 'router, prefix removal and replacement each read the path in their own way',
      cases: {
        path: [
          'an escape in lower-case hex',
          'an unreserved character encoded',
          'an encoded letter (CVE-2026-22031)',
          'an encoded slash (CVE-2021-29492)',
        ],
        'test/fuzz/request.test.ts': [
          'has one canonical form, which is its own',
          'climbs nowhere, however a backend decodes it once',
        ],
      },
      reason: 'No route can change a path: what was matched is what the backend gets.',
    },
    {
      ids: ['CVE-2023-47106'],
      where: 'Traefik',
      cause: 'a fragment stayed in the target',
      cases: {
        path: ['a fragment in an absolute-form target (CVE-2023-47106)', 'a fragment (CVE-2021-39156)'],
        authorization: ['a tenant in the fragment (CVE-2023-47106)'],
      },
    },
    {
      ids: ['CVE-2026-27587', 'CVE-2026-27588'],
      where: 'Caddy',
      cause: 'the case of paths with escapes, and that of hosts in long lists, was not folded as elsewhere',
      cases: {
        path: ['another case of the path (CVE-2026-27587)'],
        host: ['capitals (CVE-2021-39155)'],
        'test/fuzz/router.test.ts': ['takes the most specific host'],
      },
    },
    {
      ids: ['CVE-2026-33494', 'CVE-2026-41491', 'CVE-2026-48794'],
      where: 'Oathkeeper, Dapr, Authelia',
      cause: 'access lists saw the raw path',
      cases: {
        path: ['encoded dot segments (CVE-2026-33494)', 'a guarded part within the open one', 'a trailing slash'],
        authorization: ['a denied path', 'a denied path, encoded (CVE-2026-22031)', 'a denied template, encoded'],
      },
    },
    {
      ids: ['CVE-2026-33186'],
      where: 'grpc-go',
      cause: 'a path without its slash met no rule that denies',
      cases: {
        path: [
          'a target without a slash (CVE-2026-33186)',
          'asterisk form with OPTIONS',
          'asterisk form with a method that has none',
        ],
      },
    },
    {
      ids: ['CVE-2025-54576', 'CVE-2026-41059', 'CVE-2026-40575', 'CVE-2026-34457'],
      where: 'oauth2-proxy',
      cause: 'what needs no login was found in query, fragment, a header of the client, or its User-Agent',
      cases: {
        path: [
          'a decoy in the query (CVE-2025-54576)',
          'a fragment (CVE-2021-39156)',
          'a decoy in headers (CVE-2026-40575)',
          'a health check that only says that it is one (CVE-2026-34457)',
        ],
        authorization: ['a tenant in the query (CVE-2025-54576)', 'a denied path in the query (CVE-2025-54576)'],
      },
    },
    {
      ids: ['CVE-2022-34296'],
      where: 'Skipper',
      cause: 'a repeated or escaped parameter met no condition on the query',
      cases: {
        authorization: [
          'a denied parameter, repeated (CVE-2022-34296)',
          'a denied parameter, encoded (CVE-2022-34296)',
          'a denied parameter, undecodable',
        ],
        validationHead: ['CVE-2022-34296: a name twice', 'a name twice, once by an escape'],
      },
    },
    {
      ids: ['fasthttp'],
      where: 'fasthttp',
      cause: 'the path was decoded twice',
      cases: {
        path: ['double encoding is decoded never (fasthttp)'],
        authorization: ['a tenant that decodes twice to the own'],
      },
    },
    {
      ids: ['CVE-2026-95811'],
      where: 'LemonLDAP::NG',
      cause: 'patterns saw the target as it was written, routes saw it decoded',
      cases: { path: ['an encoded letter (CVE-2026-22031)'], jwt: ['what a Deny forbids, in disguise'] },
    },
    {
      ids: ['CVE-2026-22031', 'CVE-2026-2880', 'CVE-2026-2293'],
      where: '@fastify/middie, NestJS',
      cause: 'middleware matched the raw path, the router the decoded one',
      cases: {
        path: ['an encoded letter (CVE-2026-22031)'],
        authorization: ['a denied path, encoded (CVE-2026-22031)', 'a denied template, encoded'],
      },
    },
    {
      ids: ['CVE-2026-112362'],
      where: '@fastify/express',
      cause: 'absolute-form targets and doubled slashes passed by the middleware of a path',
      cases: {
        path: [
          'an absolute-form target (CVE-2026-112362)',
          'an absolute-form target in capitals',
          'an empty segment in an absolute-form target (CVE-2026-112362)',
          'dots in an absolute-form target',
        ],
      },
    },
    {
      ids: ['CVE-2026-6414', 'CVE-2026-15074', 'CVE-2026-90982'],
      where: '@fastify/static',
      cause: 'files outside the folder could be named',
      reason: 'The gateway serves no files.',
    },
    {
      ids: [
        'CVE-2021-21321',
        'CVE-2021-21322',
        'CVE-2026-15631',
        'CVE-2026-16117',
        'CVE-2026-85124',
        'CVE-2026-127060',
        'CVE-2026-120213',
      ],
      where: '@fastify/reply-from, @fastify/http-proxy',
      cause: 'dots, backslashes, escapes, path parameters and upgrades led out of the prefix of the backend',
      cases: {
        path: [
          'raw backslashes (CVE-2021-21322)',
          'an upgrade out of the open part (CVE-2021-21322)',
          'an overlong UTF-8 dot',
          'an overlong UTF-8 slash',
          'three dots',
          'full-width dots',
        ],
      },
      reason: 'Backends have no prefix of their own.',
    },
    {
      ids: ['find-my-way 9.9.0'],
      where: 'find-my-way',
      cause: 'an absolute-form target without a path was read as what stands in its query',
      cases: { path: ['an absolute-form target without a path (find-my-way 9.9.0)'] },
    },
  ],
}
