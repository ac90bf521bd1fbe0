import type { Chapter } from './flaw.ts'

/** Tenants, the control plane, and what it makes the gateway call. */
export const control: Chapter = {
  title: 'Kubernetes and the control plane',
  flaws: [
    {
      ids: [
        'CVE-2025-1974',
        'CVE-2025-1097',
        'CVE-2025-1098',
        'CVE-2025-24513',
        'CVE-2025-24514',
        'CVE-2026-1580',
        'CVE-2026-24512',
        'CVE-2026-24513',
        'CVE-2026-4342',
        'CVE-2023-5044',
      ],
      where: 'ingress-nginx',
      cause: 'text of tenants was pasted into a configuration that a program then ran',
      cases: {
        'test/fuzz/documents.test.ts': ['never throws, and whatever it makes a data plane can read'],
        jwt: ['a subject that no header can carry (M10)'],
      },
      reason: 'There is no template: resources are data of fixed types. There is no admission webhook.',
    },
    {
      ids: ['CVE-2026-29777', 'CVE-2026-32695'],
      where: 'Traefik',
      cause: 'a backtick in a route ended the text that it stood in, and a rule of the tenant began',
      cases: { 'test/fuzz/documents.test.ts': ['never throws, and whatever it makes a data plane can read'] },
      reason: 'Matches are compared as values; none becomes an expression.',
    },
    {
      ids: ['CVE-2026-22771', 'CVE-2026-53713', 'CVE-2026-41246', 'CVE-2026-23742'],
      where: 'Envoy Gateway, Contour, Skipper',
      cause: 'scripts of tenants ran in controller and proxy',
      cases: {
        authorization: ['an expression that asks for a credential (M10)', 'a broken expression'],
        'test/fuzz/cel.test.ts': ['never throws, neither when it is read nor when it is evaluated'],
      },
      reason: 'Tenants write conditions in CEL, which can neither loop nor call; there are no scripts.',
    },
    {
      ids: ['CVE-2021-25740', 'CVE-2026-24470', 'CVE-2021-25737'],
      where: 'Kubernetes, Skipper',
      cause: 'Endpoints and ExternalName led to addresses that their author cannot reach',
      cases: {
        'controller/src/compile/services.test.ts': ['is refused of a Service that is a name elsewhere'],
        'dataplane/src/state/addressRules.test.ts': [
          'keeps endpoints to the pod ranges',
          '"127.0.0.1" is never dialled…',
        ],
      },
    },
    {
      ids: [
        'CVE-2023-34242',
        'CVE-2024-42486',
        'CVE-2026-53718',
        'CVE-2026-54761',
        'CVE-2026-65601',
        'CVE-2026-71325',
        'CVE-2026-71327',
        'CVE-2026-41174',
        'GHSA-m23h-6mwm-39m8',
      ],
      where: 'Cilium, Envoy Gateway, Traefik, Kong',
      cause: 'grants that were missing, gone or of another object counted; names of two namespaces became one',
      cases: {
        'test/golden/golden.test.ts': ['golden reference-grants > compiles to snapshot.yaml and status.yaml'],
        levels: [
          'a route that its tenant opens…',
          "a tenant's provider, where narrower…",
          'keeps a tenant whose neighbour targets it as it was',
        ],
      },
    },
    {
      ids: ['CVE-2024-42487'],
      where: 'Cilium',
      cause: 'routes were matched in another order than the specification says',
      cases: {
        'test/fuzz/router.test.ts': ['finds what the precedence of the Gateway API says…'],
        path: ['a guarded part within the open one', 'a method that only another rule has'],
      },
    },
    {
      ids: ['CVE-2026-53714', 'CVE-2025-64323', 'CVE-2026-54246'],
      where: 'Envoy Gateway, kgateway, Skipper',
      cause: 'whoever asked got the configuration with its secrets',
      cases: {
        'test/wire/clients.test.ts': ['refuses …', 'speaks no TLS below 1.3'],
        'test/wire/peers.test.ts': [
          'ends the handshake with …',
          'does not fall back to public authorities when ca.crt is empty',
        ],
        'test/wire/integrity.test.ts': ['through …'],
      },
    },
    {
      ids: ['CVE-2025-24030', 'CVE-2026-49445', 'CVE-2024-40632', 'CVE-2026-27589'],
      where: 'Envoy Gateway, Cilium, Linkerd, Caddy',
      cause: 'administration could be reached from outside',
      cases: {
        path: ['figures of the gateway (CVE-2026-49445)', 'a probe of the gateway (CVE-2024-40632)'],
        'test/wire/dataplane.test.ts': ['never serves the admin paths on a data listener'],
        'dataplane/src/telemetry/adminServer.test.ts': ['serves the metrics and nothing else'],
      },
    },
    {
      ids: ['CVE-2026-54765'],
      where: 'Traefik',
      cause: 'what one route adds for a backend was added for every route to it',
      cases: {
        backendIdentity: [
          'a token of the client where the gateway sends none',
          'a header of the gateway stands in place of what a client sends under its name',
          'a credential stays at the gateway',
        ],
      },
    },
    {
      ids: ['CVE-2026-16158'],
      where: '@fastify/reply-from',
      cause: 'base and path, joined, named another backend',
      cases: {
        host: ['the backend is never told the client’s Host as its own'],
        backendIdentity: ['a token is for one backend, one request and one minute'],
      },
      reason: 'A backend is an address and a port; no URL is put together.',
    },
    {
      ids: ['CVE-2022-29153'],
      where: 'Consul',
      cause: 'a redirect of a server that is asked led to servers within',
      cases: {
        introspection: [
          '503 for anything else: a redirect',
          '503 for anything else: a redirect that keeps the method (CVE-2022-29153)',
        ],
        'dataplane/src/state/fetch.test.ts': ['follows no redirect'],
        'test/wire/http/health.test.ts': ['follows no redirect'],
      },
    },
    {
      ids: ['CVE-2024-21534'],
      where: 'jsonpath-plus',
      cause: 'a JSONPath of a tenant ran as code',
      reason: 'Nobody can write a JSONPath: claims are named by a list of member names.',
    },
    {
      ids: ['CVE-2026-54247'],
      where: 'Skipper',
      cause: 'an admission webhook read a body without end',
      reason: 'There is no admission webhook.',
    },
  ],
}
