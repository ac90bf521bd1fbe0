import type { Chapter } from './flaw.ts'

/** Connections, the names that they are for, and certificates of clients. */
export const tls: Chapter = {
  title: 'TLS and client certificates',
  flaws: [
    {
      ids: ['CVE-2025-23419', 'CVE-2025-68121'],
      where: 'nginx, Go crypto/tls',
      cause: 'a session was resumed where another certificate, or another authority, is asked for',
      cases: {
        'test/wire/http/clientCertificate.test.ts': [
          'is not resumed…',
          'stops being good when its authority is no longer trusted: also its connection, with 421',
        ],
        mtls: ['a Host of another certificate (421)', 'a Host of the shop on a connection to the docs'],
      },
    },
    {
      ids: ['CVE-2026-48934', 'CVE-2026-58040', 'CVE-2026-56850'],
      where: 'Node.js https.Agent',
      cause: 'a session of one host, or the identity of one caller, was used for another',
      cases: {
        'dataplane/src/state/fetch.test.ts': [
          'does not trust a certificate of another authority or for another name',
          'leaves no connection behind',
        ],
        'introspection.chaos': ['trusts no server but one of the authority that it was given'],
      },
      reason:
        'Backends are reached without TLS; identity providers by one dialler a provider, which resumes no session.',
    },
    {
      ids: ['CVE-2026-48928', 'CVE-2026-53622', 'CVE-2022-23632', 'CVE-2026-48491'],
      where: 'Node.js, Traefik',
      cause:
        'a server name in capitals, with a dot at its end or under a wildcard fell to settings without certificates',
      cases: {
        mtls: ['SNI in capitals (CVE-2026-48928)', 'SNI in capitals needs a certificate too (CVE-2026-48928)'],
        host: ['the dot of the root (CVE-2022-23632)', 'a wildcard covers no bare domain'],
        'test/wire/http/serverName.test.ts': [
          'and the authority must select the same, else 421',
          'may be missing where a listener serves every host',
        ],
      },
    },
    {
      ids: ['CVE-2026-32305'],
      where: 'Traefik',
      cause: 'a ClientHello in several pieces got the default settings',
      cases: {
        'test/wire/http/serverName.test.ts': ['is found however the ClientHello is cut'],
        'dataplane/src/http/clientHello.test.ts': ['waits for every byte, in however many records they come'],
      },
    },
    {
      ids: ['CVE-2026-27586', 'CVE-2026-54762', 'CVE-2022-46153'],
      where: 'Caddy, Traefik',
      cause: 'an authority that was missing or could not be read let every certificate in',
      cases: {
        'test/wire/http/clientCertificate.test.ts': ['cannot satisfy an empty, missing or unreadable trust'],
        jwt: ['a provider that is broken refuses what it claims (M7)', 'a rule whose policy is broken (M7)'],
        'test/golden/golden.test.ts': ['golden mtls-broken > compiles to snapshot.yaml and status.yaml'],
      },
    },
    {
      ids: ['CVE-2025-66491', 'CVE-2026-107318'],
      where: 'Traefik, @fastify/reply-from',
      cause: 'the certificate of the other side was not verified unless asked for',
      cases: {
        'introspection.chaos': ['trusts no server but one of the authority that it was given'],
        'dataplane/src/state/fetch.test.ts': ['does not trust a certificate of another authority or for another name'],
      },
    },
    {
      ids: ['CVE-2021-44531', 'CVE-2021-44532', 'CVE-2021-44533', 'CVE-2025-66220'],
      where: 'Node.js, Envoy',
      cause: 'names of certificates were compared as printed text: types, commas and NUL could be forged',
      cases: {
        mtls: [
          'the name as a DNS name (CVE-2021-44531)',
          'the name injected into a DNS name (CVE-2021-44532)',
          'names injected into a DNS name (CVE-2021-44532)',
          'names injected into a URI (CVE-2021-44533)',
          'NUL in a DNS name',
          'NUL before the domain',
          'NUL in a URI',
          'NUL in an e-mail address',
          'a URI that looks like the DNS name',
          'an e-mail address that looks like the DNS name',
        ],
      },
    },
    {
      ids: ['CVE-2026-109383', 'GHSA-w293-vg96-wgc3'],
      where: 'undici',
      cause: 'functions among the options of a connection were lost, with them the check of its name',
      cases: {
        'dataplane/src/state/fetch.test.ts': ['does not trust a certificate of another authority or for another name'],
        'introspection.chaos': ['trusts no server but one of the authority that it was given'],
      },
    },
    {
      ids: ['CVE-2026-21637', 'CVE-2025-59464'],
      where: 'Node.js',
      cause: 'an odd server name ended the process; client certificates were never freed',
      cases: {
        mtls: ['a hello that is none', 'plain HTTP on a TLS port'],
        'dataplane/src/http/clientHello.test.ts': ['…'],
      },
      reason: 'The leak is in versions of Node before the one that the images carry.',
    },
    {
      ids: ['CVE-2026-39350'],
      where: 'Istio',
      cause: 'a dot in a name stood for any character',
      cases: {
        host: ['a dot is no wildcard (CVE-2026-39350)'],
        mtls: [
          'a dot that is any character (CVE-2026-39350)',
          'a dot that is any character, in the domain (CVE-2026-39350)',
        ],
        cors: ['a preflight of a host that hides before a wildcard'],
      },
    },
    {
      ids: ['CVE-2025-43915', 'CVE-2026-26999', 'CVE-2026-22045'],
      where: 'Linkerd, Traefik',
      cause: 'handshakes that never end, and what they hold, had no bound',
      cases: {
        'test/wire/http/tlsListener.test.ts': [
          'lets go of connections that begin with something else, or do not go on',
        ],
        'test/wire/http/framing.test.ts': [
          'because its head comes too slowly is 408',
          'because nothing comes at all is closed',
        ],
      },
    },
  ],
}
