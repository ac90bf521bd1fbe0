import type { Chapter } from './flaw.ts'

/** What costs time and memory, and what is counted. */
export const resources: Chapter = {
  title: 'Rates and resources',
  flaws: [
    {
      ids: ['CVE-2026-30827', 'GHSA-5847-rm3g-23mw', 'CVE-2026-39409'],
      where: 'express-rate-limit, OpenClaw, hono',
      cause: 'IPv4 addresses in the form of IPv6 shared one counter, had two, or met no rule',
      cases: {
        quota: [
          'one address in two spellings (CVE-2026-30827)',
          'addresses of one IPv6 network',
          'the next IPv6 network is another client',
        ],
        throttle: ['takes a /64 of IPv6 for one address'],
        authorization: ['the same, written as IPv6 (CVE-2026-92395)'],
        'test/fuzz/request.test.ts': ['are counted as IPv4 in whatever form they come'],
      },
    },
    {
      ids: ['kong-scalable-rate-limiter 25'],
      where: 'a plugin of Kong',
      cause: 'a counter was read first and written later, so that requests at once passed together',
      cases: {
        quota: ['one more than the burst', 'pipelined in one packet, each is counted'],
        revocations: ['of two at once one passes'],
      },
      reason: 'Replicas count for themselves, which the scope of a quota says.',
    },
    {
      ids: [
        'CVE-2023-44487',
        'CVE-2024-27983',
        'CVE-2023-45288',
        'RUSTSEC-2026-0258',
        'CVE-2019-9512',
        'CVE-2019-9514',
        'CVE-2025-8671',
      ],
      where: 'servers of HTTP/2',
      cause: 'resets, continuations and empty frames cost the server more than the client',
      cases: {
        http2Floods: [
          'rapid resets (CVE-2023-44487)',
          'resets that the gateway is made to send (CVE-2025-8671)',
          'continuations without end (CVE-2024-27983)',
          'pings (CVE-2019-9512)',
          'settings (CVE-2019-9515)',
          'priorities (CVE-2019-9513)',
          'empty DATA (CVE-2019-9518)',
          'spare a client that works as hard and means it',
        ],
        headers: ['h2c is not tunnelled (CVE-2022-41721)'],
      },
    },
    {
      ids: [
        'CVE-2025-23085',
        'CVE-2025-59465',
        'CVE-2026-21714',
        'CVE-2026-48619',
        'CVE-2026-48937',
        'CVE-2026-56846',
        'CVE-2026-56848',
      ],
      where: 'Node.js http2',
      cause: 'odd frames leaked memory or ended the process',
      cases: {
        http2Floods: ['windows that overflow (CVE-2025-8671)', 'header bombs', 'leave nothing behind'],
        'test/wire/http/frameGuard.test.ts': ['ends a connection for DATA after a reset'],
      },
    },
    {
      ids: ['CVE-2026-47219'],
      where: 'find-my-way',
      cause: 'a request in HTTP/2 without a path ended the process',
      cases: { http2: ['no :path', 'an empty :path', 'CONNECT'] },
    },
    {
      ids: ['CVE-2024-22019', 'CVE-2023-39326'],
      where: 'Node.js, Go',
      cause: 'extensions of chunks had no bound',
      cases: {
        framing: ['a chunk extension without end (CVE-2024-22019)', 'a bare LF in a chunk extension (CVE-2026-48937)'],
      },
    },
    {
      ids: ['CVE-2026-21717', 'CVE-2025-27209'],
      where: 'V8',
      cause: 'names that collide in a table made each look into it slow',
      cases: {
        validationBody: [
          '100,000 names, of which none is known',
          'CVE-2026-50197: a bad body that only a worker looks at',
        ],
      },
    },
    {
      ids: ['CVE-2026-21710'],
      where: 'Node.js',
      cause: 'a header called __proto__ ended the process',
      cases: {
        headers: ['a header called __proto__ (CVE-2026-21710)'],
        jwt: ['claims that only the prototype has'],
        validationBody: ['__proto__', 'constructor', 'a member that the prototype would have'],
      },
    },
    {
      ids: [
        'CVE-2026-130647',
        'CVE-2026-129500',
        'CVE-2026-129502',
        'CVE-2026-1528',
        'CVE-2026-2229',
        'CVE-2026-1526',
        'CVE-2026-12151',
      ],
      where: '@fastify/http-proxy, undici',
      cause: 'frames, lengths and compression of WebSockets, and what was pipelined behind an upgrade',
      cases: { headers: ['a WebSocket upgrade with bytes behind it (CVE-2026-2833)'] },
      reason: 'Upgrades are refused, so no WebSocket comes to be.',
    },
    {
      ids: ['CVE-2026-87018'],
      where: 'undici',
      cause: 'a server that renegotiates with another certificate ended the process',
      cases: {
        'introspection.chaos': ['trusts no server but one of the authority that it was given'],
        renegotiation: ['with another certificate', 'cannot become another'],
      },
    },
    {
      ids: ['CVE-2026-22036', 'CVE-2026-26998', 'CVE-2026-53716'],
      where: 'undici, Traefik, Envoy Gateway',
      cause: 'answers of servers that are asked were read or unpacked without a bound',
      cases: {
        introspection: [
          '503 for anything else: 10 MB',
          '503 for anything else: a body that is compressed',
          'answers within its own deadline when the server is slow, by head or by body',
        ],
        'test/wire/http/keySets.test.ts': ['lets nobody in while its provider…'],
      },
    },
    {
      ids: ['CVE-2024-45813', 'CVE-2025-69873', 'CVE-2024-45296'],
      where: 'find-my-way, ajv, path-to-regexp',
      cause: 'a pattern took exponential time',
      cases: {
        validationBody: ['CVE-2024-45813, CVE-2025-69873: a pattern and a text that cost seconds'],
        'dataplane/language/regex.test.ts': [
          'takes no more than linear time where a backtracking engine takes exponential',
        ],
      },
    },
    {
      ids: ['CVE-2025-32442', 'CVE-2026-25223', 'CVE-2026-3419', 'CVE-2026-33806', 'GHSA-w2qp-rph6-63g4'],
      where: 'Fastify',
      cause: 'case, a tab, garbage or a space in Content-Type led past the schema',
      cases: {
        validationBody: [
          'CVE-2025-32442, CVE-2026-25223, CVE-2026-3419, CVE-2026-33806: …',
          'a leading space is no other type',
          'case is no other type',
        ],
      },
    },
    {
      ids: ['CVE-2026-50197', 'CVE-2026-96437'],
      where: 'Skipper, Kong',
      cause: 'a body in chunks, or a large one, was not looked at',
      cases: {
        validationBody: [
          'CVE-2026-50197: …',
          'CVE-2026-96437: …',
          'chunks above the bound',
          'many small chunks above the bound',
        ],
      },
    },
    {
      ids: ['CVE-2026-25224'],
      where: 'Fastify',
      cause: 'an answer was read from the backend though the client read nothing',
      cases: {
        'test/wire/http/unread.test.ts': ['does not keep the connection of a client that never reads'],
        'test/wire/http/uploads.test.ts': ['because the backend does not read is 504'],
      },
    },
    {
      ids: ['CVE-2024-24791'],
      where: 'Go net/http',
      cause: 'an answer before 100 left a connection out of step',
      cases: {
        headers: [
          'a body that waits for 100 is refused without being asked for',
          'an expectation that nobody can meet',
        ],
        validationBody: ['Expect: …'],
        'test/wire/http/uploads.test.ts': ['arrives whole and ends the connection'],
      },
    },
  ],
}
