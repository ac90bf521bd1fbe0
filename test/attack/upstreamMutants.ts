import { mutantsOf, type Mutant } from './mutant.ts'

/** Whom the gateway speaks to. */
export const upstreamMutants: readonly Mutant[] = [
  ...mutantsOf('renegotiation', 'state/upstreamTls.ts', [
    { check: 'a backend stays who it was', find: 'secureOptions: constants.SSL_OP_NO_RENEGOTIATION,', small: true },
  ]),
  ...mutantsOf('upstreamTls', 'state/upstreamTls.ts', [
    {
      check: 'who signed the certificate of a backend',
      find: 'rejectUnauthorized: true',
      replace: 'rejectUnauthorized: false',
      small: true,
    },
    { check: 'for whom the certificate of a backend is', find: 'isServer(certificate.raw, tls)', replace: 'true' },
  ]),
  ...mutantsOf('upstreamTls', 'state/serverIdentity.ts', [
    {
      check: 'names stand in place of the host name',
      find: 'wanted.length === 0',
      replace: 'isHost(certificate, hostname)',
    },
    {
      check: 'the whole of a URI',
      find: 'uris.includes(one.uri)',
      replace: 'uris.some((uri) => uri.startsWith(one.uri))',
    },
    {
      check: 'a wildcard is for one label',
      find: 'name === above',
      replace: "host.endsWith(name.slice(1)) && name !== '*'",
    },
  ]),
  ...mutantsOf('upstreamTls', 'gateway/upstreamViews.ts', [
    { check: 'authorities that are gone', find: "if (trust === undefined) return missing('trust')" },
    {
      check: 'a client certificate that is gone',
      find: "if (client === undefined) return missing('clientCertificate')",
    },
  ]),
  ...mutantsOf('upstreamHost', 'state/hostDial.ts', [
    {
      check: 'where a host outside may be',
      find: 'mayFetchFrom(target.rules, address, target.addresses)',
      replace: 'true',
    },
  ]),
  ...mutantsOf('upstreamHost', 'state/pools.ts', [
    {
      check: 'connections of rules that are over',
      find: '[host.addresses, rulesKeyOf(gateway)]',
      replace: '[host.addresses]',
    },
  ]),
]
