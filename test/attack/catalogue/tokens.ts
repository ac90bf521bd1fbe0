import type { Chapter } from './flaw.ts'

/** Tokens, keys, and servers that are asked about them. */
export const tokens: Chapter = {
  title: 'Tokens, keys and introspection',
  flaws: [
    {
      ids: ['CVE-2015-9235', 'CVE-2023-48223', 'CVE-2026-34950', 'CVE-2026-22817', 'CVE-2026-22818'],
      where: 'jsonwebtoken, fast-jwt, hono',
      cause: 'the token chose its algorithm, and a public key served as the secret of an HMAC',
      cases: {
        jwt: [
          'HS256 with the public key as the secret (CVE-2015-9235)',
          'HS256 with the public key behind a space (CVE-2026-34950)',
          'HS256 with the JWK as the secret',
          'HS256 with an empty secret',
          'alg none',
          'alg None in other letters',
          'an algorithm that is not allowed, with the right key',
          'an algorithm of another key type',
        ],
      },
    },
    {
      ids: ['CVE-2018-0114', 'CVE-2022-21449'],
      where: 'node-jose, JDK',
      cause: 'the key that a token brought along was believed; a signature of zeros held',
      cases: {
        jwt: [
          'the signer’s key in the header (CVE-2018-0114)',
          'a key set named in the header (RFC 8725 3.10)',
          'a certificate chain in the header (RFC 8725 3.10)',
          'a signature of zeros (CVE-2022-21449)',
          'an impostor’s key under the known name',
        ],
        'dataplane/src/policy/wycheproof.test.ts': ['…'],
      },
    },
    {
      ids: ['CVE-2026-32597', 'CVE-2026-35042', 'CVE-2025-59420'],
      where: 'PyJWT, fast-jwt, Authlib',
      cause: 'extensions that a token calls critical were passed over',
      cases: {
        jwt: [
          'an unknown critical extension (CVE-2026-32597)',
          'an unencoded payload',
          'an unencoded payload that nobody calls critical',
          'a list of extensions that is empty',
        ],
      },
    },
    {
      ids: ['CVE-2026-25537', 'CVE-2026-44459', 'CVE-2026-107721', 'CVE-2026-107275'],
      where: 'Rust jsonwebtoken, hono, fast-jwt, @fastify/jwt',
      cause: 'times of another type, NaN, Infinity and spans that nobody could read were taken for none',
      cases: {
        jwt: [
          'an expiry that is text (CVE-2026-25537)',
          'an expiry of null',
          'an expiry in a list',
          'an expiry of 1e999',
          'no expiry',
          'a beginning that is text (CVE-2026-44459)',
          'a token whose age is text',
          'a token that does not say how old it is',
        ],
        introspection: ['503 for anything else: exp as a text'],
        'controller/src/compile/durations.test.ts': ['…'],
      },
    },
    {
      ids: ['CVE-2025-30144', 'CVE-2024-53861'],
      where: 'fast-jwt, PyJWT',
      cause: 'a list of issuers that held the right one, or a part of its name, was the issuer',
      cases: {
        jwt: [
          'a list of issuers (CVE-2025-30144)',
          'an issuer with a slash more',
          'an audience that only begins right',
          'an audience in an object',
          'an empty list of audiences',
        ],
      },
    },
    {
      ids: ['CVE-2026-35039', 'CVE-2026-33496', 'GHSA-qvp4-rpmr-xwrr'],
      where: 'fast-jwt, Oathkeeper',
      cause: 'what was verified for one was remembered for others, or without what else was to be checked',
      cases: {
        jwt: [
          'the verified token of one policy opens no other (CVE-2026-35039)',
          'the verified token of one provider is judged again by another (M16)',
          'a verified token expires while it is remembered (M16)',
        ],
        'introspection.chaos': [
          'remembers for one set of settings alone (CVE-2026-33496)',
          'remembers nothing past the expiry of the token',
        ],
      },
    },
    {
      ids: ['CVE-2022-36083', 'CVE-2024-28176', 'GHSA-2c7c-3mj9-8fqh', 'CVE-2025-30204'],
      where: 'jose, go-jose, golang-jwt',
      cause: 'rounds, compression and dots of the attacker cost time and memory',
      cases: {
        jwt: ['a JWE (CVE-2024-28176)', 'ten thousand dots (CVE-2025-30204)', 'a payload of ten thousand brackets'],
      },
    },
    {
      ids: ['CVE-2026-41413'],
      where: 'Istio',
      cause: 'the address of a key set led to servers within',
      cases: {
        'dataplane/src/state/fetch.test.ts': [
          'connects nowhere for …',
          'passes over addresses that must not be dialled',
        ],
        'dataplane/src/state/addressRules.test.ts': ['fetches from loopback only where that is allowed'],
      },
    },
    {
      ids: ['GHSA-675f-rq2r-jw82'],
      where: 'jwkset',
      cause: 'keys that had been removed still verified',
      cases: {
        jwt: ['a verified token falls with the key that signed it (GHSA-675f-rq2r-jw82)', 'a key that nobody knows'],
        streams: ['ends one whose key is gone, and does not make it look whole; another goes on'],
        'dataplane/src/state/remoteKeys.test.ts': ['fetches ahead of need, and drops a key that is gone'],
      },
    },
    {
      ids: ['CVE-2026-50149'],
      where: 'Contour',
      cause: 'a connection without a server name got a certificate, and none of the rules',
      cases: {
        mtls: ['no server name needs a certificate too (CVE-2026-50149)', 'no server name, with a certificate'],
      },
    },
    {
      ids: ['CVE-2023-3518'],
      where: 'Consul',
      cause: 'a token counted for another provider than the one that had verified it',
      cases: {
        levels: [
          'a sound token of the installation…',
          "the installation's issuer with the…",
          'a role that only the tenant vouches…',
        ],
        introspection: ['never asks about a token of a jwt provider, nor lets a server speak for it (M3)'],
        jwt: ['another issuer', 'a token and an API key (M3)'],
      },
    },
    {
      ids: ['CVE-2022-29266'],
      where: 'APISIX',
      cause: 'the message about a bad token held the secret',
      cases: {
        jwt: ['leaves no credential in any log'],
        introspection: ['401 for a clear answer: …'],
        'test/wire/http/refusal.test.ts': ['carries one id in body, header and record, and no other text'],
      },
    },
    {
      ids: ['CVE-2026-32595', 'CVE-2026-41263', 'CVE-2026-44332', 'CVE-2026-21713'],
      where: 'Traefik, Fiber, Node.js',
      cause: 'the time of a comparison told how much of a secret was right',
      cases: { apiKey: ['the hash in place of the key', 'the hash as it is stored', 'a key cut short'] },
      reason: 'Keys are looked up by their SHA-256, and no token is verified by a shared secret.',
    },
    {
      ids: ['CVE-2026-71326'],
      where: 'Traefik',
      cause: 'two users whose names and secrets join to the same text shared one answer',
      cases: {
        quota: [
          'another principal is not held up, nor one whose name looks alike (CVE-2026-71326)',
          'an API key with the name of a principal is somebody else (M5)',
        ],
      },
    },
    {
      ids: ['unknown key ids'],
      where: 'every client of a key set',
      cause: 'each token that names an unknown key made the key set be fetched',
      cases: {
        'test/wire/http/keySets.test.ts': ['is asked for once, however many tokens name unknown keys'],
        'dataplane/src/state/remoteKeys.test.ts': ['lets unknown keys cause one fetch in a cool-down'],
        'introspection.chaos': [
          'lets nobody wait or flood it: 1,000 tokens at once are 20 calls, and others do not notice',
        ],
      },
    },
  ],
}
