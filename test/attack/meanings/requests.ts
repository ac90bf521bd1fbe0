import type { Meaning } from './meaning.ts'

const admission = (part: string): string => `dataplane/src/gateway/admission.${part}test.ts`
const router = 'dataplane/src/gateway/router.test.ts'
const golden = 'test/golden/golden.test.ts'

/** What becomes of a request on its way: M6 to M12. */
export const requests: readonly Meaning[] = [
  {
    name: 'M6',
    title: 'Hosts',
    sentences: [
      {
        says: 'With Shared the most specific binding alone decides, also for wildcard routes at request time',
        cases: {
          [router]: ['tenancy (M6)…'],
          'controller/src/compile/tenancy.test.ts': ['tenancy > lets the most specific binding alone decide…'],
        },
      },
      {
        says: 'A hostname outside is dropped alone and matches nothing',
        cases: { [golden]: ['golden host-not-allowed > compiles…'] },
      },
      {
        says: 'Credentials over plain text are a fault where the listener refuses them',
        cases: {
          jwt: ['a good token over plain text where the listener refuses them (M6)'],
          [golden]: ['golden plaintext-credentials > compiles…'],
        },
      },
    ],
  },
  {
    name: 'M7',
    title: 'Fail closed, by unit',
    sentences: [
      {
        says: 'A broken Deny or Require refuses what its methods and paths match',
        cases: {
          jwt: ['a Deny that is broken refuses its methods (M7)'],
          [admission('faults.')]: ['broken Deny', 'broken Require of another method'],
        },
      },
      {
        says: 'A broken provider refuses what it claims',
        cases: {
          jwt: ['a provider that is broken refuses what it claims (M7)'],
          [admission('faults.')]: ['broken provider: refuses what its provider claims, and nothing else'],
        },
      },
      {
        says: 'A broken quota or validation refuses its scope',
        cases: {
          quota: ['a quota that is broken refuses all that it covers (M7)'],
          [golden]: ['golden validation-broken > compiles…'],
        },
      },
      {
        says: 'An unknown sectionName refuses the whole route',
        cases: { [golden]: ['golden wide-unknown > compiles…', 'golden invalid-policy-targets > compiles…'] },
      },
      {
        says: 'A match that cannot be compiled refuses what would fall through to a less specific rule',
        cases: {
          'dataplane/src/gateway/router.reference.test.ts': [
            'of which one is none keep closed what it could have been for (M7)',
          ],
          [router]: ['incomplete routes (M7)…'],
        },
      },
      {
        says: 'No object can block another, nor open a route',
        cases: {
          'test/golden/properties.test.ts': [
            'in another namespace changes nothing here',
            'never lets a policy that cannot be read open a route',
          ],
          [admission('faults.')]: ['one poisoned resource does not hold up the rest'],
        },
      },
    ],
  },
  {
    name: 'M8',
    title: 'Order',
    sentences: [
      {
        says: 'One canonical path, which is its own',
        cases: {
          'test/fuzz/request.test.ts': ['has one canonical form, which is its own'],
          'dataplane/src/gateway/path.test.ts': ['…'],
        },
      },
      {
        says: 'Dot segments, empty segments, escaped delimiters, NUL and bad escapes are 400 bad-path',
        cases: { path: ['an encoded slash (CVE-2021-29492)', 'a single dot segment', 'an encoded backslash'] },
      },
      {
        says: 'What was matched is byte for byte what is forwarded',
        cases: {
          'test/fuzz/paths.test.ts': [
            'are those that a backend sees: asked for what it saw, the gateway decides the same',
            'lead a backend that reads them more loosely to no other rule',
          ],
        },
      },
      {
        says: 'The stages come in their order, and the first refusal ends it',
        cases: { [admission('')]: ['the order of the stages (M8)…'] },
      },
      {
        says: 'A preflight is routed by the method that it asks for, answered, and never forwarded',
        cases: { [admission('cors.')]: ['a preflight (M8)…'] },
      },
      {
        says: 'Source IP and deny list come before all that is counted or verified',
        cases: { denyList: ['refuses an address, before its credential is looked at'] },
      },
      {
        says: 'Anomaly comes after the principal is known, and by address before',
        cases: {
          anomaly: [
            'finds one, lets through what the throttle says, spares the others and tells',
            'is found by address before any credential is looked at',
          ],
        },
      },
      {
        says: 'A throttle spares a credential that is known',
        cases: { throttle: ['spares callers who are known behind the same address'] },
      },
      {
        says: 'The replay mark comes after validation',
        cases: { revocations: ['a body that is refused uses nothing up, one that is taken does (M8)'] },
      },
      {
        says: 'What limits how many run at once counts from admission to the end of the exchange, whatever that is',
        cases: {
          concurrency: [
            'keeps what is beyond the limit from the backend, whatever it looks like, until one is over',
            'gives a slot back when its client leaves…',
            'gives a slot back for a request that is…',
            'gives the slot of a WebSocket back when it ends, and not before',
            'gives slots back that streams of HTTP/2 took, reset one by one or with their connection',
          ],
        },
      },
      {
        says: 'A later refusal refunds nothing',
        cases: { quota: ['a refused credential costs what a good one costs (M8)'] },
      },
    ],
  },
  {
    name: 'M9',
    title: 'Shadow',
    sentences: [
      {
        says: 'The enforced result is computed as if Shadow did not exist',
        cases: { shadow: ['a policy in Shadow refuses nobody', 'a policy in Shadow lets nobody in'] },
      },
      {
        says: 'A second evaluation records what would be',
        cases: {
          'dataplane/src/gateway/trial.test.ts': ['says what would be denied, by what, and changes nothing'],
          'test/fuzz/shadow.test.ts': ['comes to what a trial said, once everything in Shadow is enforced'],
        },
      },
      {
        says: 'Own counters, no outbound call that enforcement does not make, a cost bound',
        cases: {
          'dataplane/src/gateway/trial.test.ts': [
            'quotas of a trial…',
            'fetch no keys, and know nothing then',
            'the time that trials may take…',
          ],
        },
      },
    ],
  },
  {
    name: 'M10',
    title: 'Headers',
    sentences: [
      {
        says: 'Identity headers are removed from every request, in every spelling',
        cases: {
          headers: ['an identity header', 'an identity header with underscores (CVE-2025-64484)'],
          backendIdentity: ['what is removed from every request is removed also where a policy names it (M10)'],
        },
      },
      {
        says: 'Hop-by-hop headers and those named in Connection too, first',
        cases: {
          headers: [
            'hop-by-hop headers',
            'headers that Connection nominates',
            'nominating the gateway’s own identity header (CVE-2026-33805)',
          ],
        },
      },
      {
        says: 'Forwarding, override and rewrite headers too',
        cases: {
          headers: [
            'Forwarded',
            'X-Real-IP (CVE-2022-24112)',
            'X-Original-URL and X-Rewrite-URL',
            'method overrides',
            'client certificate headers (RFC 9440)',
          ],
        },
      },
      {
        says: 'A value that cannot be encoded refuses the request',
        cases: { jwt: ['a subject that no header can carry (M10)'] },
      },
      {
        says: 'After authentication the credentials leave the request facts',
        cases: {
          headers: ['the credential stays at the gateway'],
          'dataplane/src/gateway/withoutCredentials.test.ts': ['…'],
        },
      },
    ],
  },
  {
    name: 'M11',
    title: 'TLS',
    sentences: [
      {
        says: 'A policy can only narrow the client CAs of a listener',
        cases: {
          mtls: ['a certificate of an authority that the listener trusts and the policy does not (M11)'],
        },
      },
      {
        says: 'SNI and authority must select the same certificate and client CAs, else 421',
        cases: {
          mtls: ['a Host of another certificate (421)'],
          'dataplane/src/gateway/connectionFit.test.ts': ['secureListener (M11)…'],
        },
      },
      {
        says: 'A star is one segment or label',
        cases: {
          mtls: ['a star over two labels (M11)', 'a name with a segment behind it', 'a star that covers nothing'],
        },
      },
    ],
  },
  {
    name: 'M12',
    title: 'Secrets',
    sentences: [
      {
        says: 'One whose value leaves the gateway names its destination hosts',
        cases: { 'controller/src/compile/destinations.test.ts': ['mayBeSentTo (M12)…'] },
      },
      {
        says: 'Used only when of their type; what cannot be used refuses its own unit',
        cases: { [golden]: ['golden invalid-api-key > compiles…', 'golden invalid-introspection > compiles…'] },
      },
      {
        says: 'Across namespaces only by ReferenceGrant',
        cases: { [golden]: ['golden reference-grants > compiles…'] },
      },
    ],
  },
]
