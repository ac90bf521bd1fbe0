import type { Chapter } from './flaw.ts'

/** Where a request ends, and which answer belongs to it. */
export const framing: Chapter = {
  title: 'Smuggling and framing',
  flaws: [
    {
      ids: [
        'CVE-2019-15605',
        'CVE-2020-8201',
        'CVE-2020-8287',
        'CVE-2021-22959',
        'CVE-2021-22960',
        'CVE-2022-32213',
        'CVE-2022-32214',
        'CVE-2022-32215',
        'CVE-2022-35256',
        'CVE-2023-30589',
        'CVE-2024-27982',
        'CVE-2025-23167',
        'CVE-2026-58044',
      ],
      where: 'Node.js, llhttp',
      cause: 'the parser took for one framing what others take for another',
      cases: {
        framing: [
          'Content-Length and Transfer-Encoding (RFC 9112 6.3)',
          'Transfer-Encoding and Content-Length',
          'a CR in a name (CVE-2020-8201)',
          'chunked twice in two lines (CVE-2020-8287)',
          'chunked in one line and another coding in the next (CVE-2020-8287)',
          'chunked twice in one line',
          'a vertical tab before chunked (CVE-2022-32213)',
          'a folded Transfer-Encoding (CVE-2022-32215)',
          'a quoted coding',
          'a chunked body is framed anew',
          'lines that end in LF alone',
          'a head that ends in CR alone (CVE-2023-30589)',
          'a first line that is folded (CVE-2024-27982)',
          'an empty line and a byte too many (CVE-2025-23167)',
          'a length with a space inside (CVE-2026-58044)',
        ],
        headers: [
          'a space before the colon (CVE-2019-15605)',
          'a bare CR in a value (CVE-2023-30589)',
          'a hidden Content-Length behind two thousand lines (CVE-2026-58044)',
          'more than a hundred lines (CVE-2026-58044)',
        ],
      },
    },
    {
      ids: ['CVE-2026-1525', 'GHSA-8xcm-r25x-g524', 'GHSA-35p6-xmwp-9g52'],
      where: 'undici',
      cause: 'lengths that were stale or twice there, and answers that nobody had asked for, met a reused connection',
      cases: {
        'test/wire/http/forwarding.test.ts': [
          'does not take an unsolicited response for the next answer',
          'reuses one upstream connection for every method, with and without a body',
        ],
        headers: ['nominating Content-Length leaves the body a body (CVE-2026-6338)'],
      },
      reason: 'Requests are never sent twice.',
    },
    {
      ids: ['CVE-2026-48931'],
      where: 'Node.js http.Agent',
      cause: 'an answer counted that came before its request was sent',
      cases: {
        'test/wire/http/forwarding.test.ts': ['does not take an unsolicited response for the next answer'],
      },
    },
    {
      ids: ['CVE-2022-31150', 'CVE-2023-23936', 'CVE-2026-1527', 'GHSA-m8rv-5g2x-5cg5'],
      where: 'undici',
      cause: 'CR and LF in path, header, host or type went into the request as they were',
      cases: {
        path: ['an encoded line break (CVE-2022-31150)', 'a space in the target'],
        headers: ['a NUL in a value', 'a bare CR in a value (CVE-2023-30589)', 'a line that is folded'],
        host: ['a NUL in Host (CVE-2026-105482)', 'a byte beyond ASCII in Host', 'a space inside'],
        jwt: ['a subject that no header can carry (M10)'],
      },
    },
    {
      ids: ['CVE-2023-40225', 'CVE-2023-25725', 'CVE-2021-40346', 'CVE-2026-33555'],
      where: 'HAProxy',
      cause: 'an empty length, an empty name, a length beyond its type; the end of a QUIC stream',
      cases: {
        framing: [
          'an empty length (CVE-2023-40225)',
          'a length beyond 64 bits (CVE-2021-40346)',
          'a negative length',
          'a length in hex',
          'a list of lengths',
        ],
        headers: ['an empty name (CVE-2023-25725)', 'a name with a parenthesis', 'a line without a colon'],
      },
      reason: 'QUIC is not spoken.',
    },
    {
      ids: ['CVE-2025-22871', 'CVE-2022-1705', 'CVE-2023-39326', 'CVE-2023-29406'],
      where: 'Go net/http',
      cause:
        'bare LF ended a chunk line; an odd Transfer-Encoding was ignored; extensions had no bound; Host was not checked',
      cases: {
        framing: [
          'a bare LF behind a chunk size (CVE-2025-22871)',
          'an unknown coding',
          'identity as the coding',
          'chunked is not the last coding',
          'a chunk extension without end (CVE-2024-22019)',
        ],
        host: ['a path in Host (CVE-2023-29406)', 'a query in Host'],
      },
    },
    {
      ids: ['CVE-2026-2833', 'CVE-2026-2835', 'CVE-2026-73548'],
      where: 'Pingora, Envoy',
      cause: 'bytes behind an upgrade went on before the backend had agreed; HTTP/1.0 with Transfer-Encoding',
      cases: {
        headers: ['a WebSocket upgrade with bytes behind it (CVE-2026-2833)'],
        framing: ['Transfer-Encoding in HTTP/1.0 (CVE-2026-2835)'],
      },
    },
    {
      ids: ['CVE-2026-71324'],
      where: 'Traefik',
      cause: 'CONNECT went through and left a connection to the backend that was out of step',
      cases: { path: ['CONNECT (CVE-2026-71324)'] },
    },
    {
      ids: ['CVE-2020-35863', 'CVE-2021-21299', 'CVE-2021-32714', 'CVE-2021-32715'],
      where: 'hyper',
      cause: 'the body of a GET, several Transfer-Encodings, a length with a sign, a chunk size beyond its type',
      cases: {
        framing: [
          'a body with GET stays a body (CVE-2020-35863)',
          'a body with HEAD stays a body',
          'a length with a sign (CVE-2020-35863)',
          'a chunk size with a sign',
          'a chunk size beyond 64 bits (CVE-2021-32714)',
        ],
      },
    },
    {
      ids: ['CVE-2022-41721'],
      where: 'Go h2c',
      cause: 'an offer of h2c with a body led to frames that the attacker had written',
      cases: {
        headers: [
          'h2c is not tunnelled (CVE-2022-41721)',
          'a body behind an offer of h2c stays a body (CVE-2022-41721)',
        ],
      },
    },
    {
      ids: ['CVE-2026-42926', 'CVE-2021-33193'],
      where: 'nginx, Apache httpd',
      cause: 'line breaks in HTTP/2 headers became lines of HTTP/1.1',
      cases: {
        http2: [
          'CR LF in a value (CVE-2021-33193)',
          'LF before a request in a value (CVE-2026-42926)',
          'CR LF in :path',
          'LF in :method',
          'a length of 0 before a body (H2.CL)',
          'a request in a body without a length (H2.TE)',
        ],
      },
    },
    {
      ids: ['CVE-2026-54388', 'CVE-2026-73257', 'CVE-2023-38697', 'CVE-2025-43859'],
      where: 'Tinyproxy, Mongoose, protocol-http1, h11',
      cause: 'two lengths, length and coding, signs and underscores in sizes, loose ends of chunk lines',
      cases: {
        framing: [
          'two Content-Lengths that differ (CVE-2026-54388)',
          'two Content-Lengths that agree',
          'a request behind a doubtful one is not looked at',
          'a chunk size in 0x form',
          'a chunk size with an underscore',
          'a chunk size line that is empty',
          'a chunk longer than its size',
        ],
      },
    },
  ],
}
