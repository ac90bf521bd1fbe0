import type { Chapter } from './flaw.ts'

const noSecrets = 'leaves no credential in any log'

/** What gets out, and what answers let others do. */
export const leaks: Chapter = {
  title: 'Leaks, logs and answers',
  flaws: [
    {
      ids: ['CVE-2025-25294'],
      where: 'Envoy Gateway',
      cause: 'a header of the client wrote lines into the log',
      cases: {
        path: ['an encoded line break (CVE-2022-31150)'],
        jwt: ['a subject that no header can carry (M10)'],
        'dataplane/src/telemetry/logger.test.ts': ['keeps a hostile value on its own line and away from terminals'],
      },
    },
    {
      ids: ['CVE-2022-23469', 'CVE-2024-31216', 'GHSA-3278-c88v-xrh4', 'CVE-2026-48615'],
      where: 'Traefik, Flux, Kong, Node.js',
      cause: 'credentials were in logs, diagnostics and texts of errors',
      cases: {
        jwt: [noSecrets],
        apiKey: [noSecrets],
        mtls: [noSecrets],
        places: [noSecrets],
        backendIdentity: [noSecrets],
        'dataplane/src/telemetry/stackFrames.test.ts': ['says where an error came from and never what it says'],
      },
    },
    {
      ids: ['CVE-2026-41181'],
      where: 'Traefik',
      cause: 'the service that writes pages of errors was sent Authorization',
      cases: {
        backendIdentity: ['a credential stays at the gateway'],
        headers: ['the credential stays at the gateway'],
        jwt: ['a sound token passes, and does not go on (POM-1)'],
      },
      reason: 'The gateway writes its refusals itself.',
    },
    {
      ids: ['CVE-2026-133111'],
      where: '@fastify/http-proxy',
      cause: 'Origin did not reach the backend, so that any site could open a WebSocket',
      cases: {
        places: ['a POST that another site makes a browser send'],
        webSocket: [
          'refuse a page of another site (CVE-2026-133111), and the backend hears nothing of it or of what follows',
        ],
      },
    },
    {
      ids: ['CVE-2024-25124'],
      where: 'Fiber',
      cause: 'every origin was let in with credentials',
      cases: {
        cors: [
          'every origin, without credentials (CVE-2024-25124)',
          'a preflight of the origin null',
          'another page, where the backend says that all may',
        ],
      },
    },
    {
      ids: ['CVE-2022-28923', 'CVE-2021-29651', 'CVE-2024-52003', 'CVE-2022-40083'],
      where: 'Caddy, Pomerium, Traefik, Echo',
      cause: 'a parameter sent browsers elsewhere',
      cases: {
        validationHead: [
          'CVE-2022-28923, CVE-2021-29651, CVE-2024-52003, CVE-2022-40083: …',
          'a redirect twice',
          'a redirect in brackets',
        ],
      },
      reason: 'The gateway sends no redirects of its own.',
    },
    {
      ids: [
        'CVE-2026-2836',
        'CVE-2026-30246',
        'GHSA-4cwx-7wf7-3272',
        'GHSA-jr45-8vmc-qm54',
        'GHSA-vp8m-p9jh-q5pm',
        'CVE-2026-85008',
        'CVE-2026-109829',
      ],
      where: 'Pingora, Fiber, undici',
      cause: 'an answer was kept for one request and given to another',
      cases: { cors: ['no page, so that no cache keeps the answer for one'] },
      reason: 'Answers are not kept.',
    },
    {
      ids: ['CVE-2026-42507'],
      where: 'Go',
      cause: 'the text of an error held what the client had sent, as it was',
      cases: {
        'test/wire/http/refusal.test.ts': ['carries one id in body, header and record, and no other text'],
        validationBody: ['says where, and nothing of what'],
        'dataplane/src/http/problem.test.ts': ['says …'],
      },
    },
    {
      ids: [
        'CVE-2026-6321',
        'CVE-2026-6322',
        'CVE-2026-13676',
        'CVE-2026-75899',
        'CVE-2026-75931',
        'CVE-2026-75975',
        'CVE-2026-76172',
        'CVE-2026-84394',
      ],
      where: 'fast-uri',
      cause: 'two parsers saw two hosts in one URL',
      cases: {
        host: [
          'user information',
          'user information in an absolute-form target',
          'a backslash',
          'a percent escape',
          'an IPv6 literal that is none',
        ],
        validationHead: ['CVE-2022-28923, CVE-2021-29651, CVE-2024-52003, CVE-2022-40083: https://shop.example…'],
        'dataplane/src/state/fetch.test.ts': ['connects nowhere for …'],
        'test/fuzz/request.test.ts': ['is what a URL parser sees'],
      },
    },
  ],
}
