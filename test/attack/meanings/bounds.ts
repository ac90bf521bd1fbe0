import type { Meaning } from './meaning.ts'

const golden = 'test/golden/golden.test.ts'

/** What is kept within bounds, and what is said to whom: M13 to M20. */
export const bounds: readonly Meaning[] = [
  {
    name: 'M13',
    title: 'Outbound',
    sentences: [
      {
        says: 'Every connection checks the address that it really connects to',
        cases: {
          'dataplane/src/state/addressRules.test.ts': ['addresses (M13)…'],
          'dataplane/src/state/fetch.test.ts': [
            'connects nowhere for a name that resolves there',
            'connects nowhere for metadata',
            'connects nowhere for a private address',
          ],
        },
      },
      {
        says: 'https only and no redirects for fetches; answers bounded',
        cases: {
          'dataplane/src/state/fetch.test.ts': [
            'follows no redirect',
            'connects nowhere for plain http to a public address',
          ],
        },
      },
    ],
  },
  {
    name: 'M14',
    title: 'Cost',
    sentences: [
      {
        says: 'Regular expressions of users take linear time',
        cases: {
          'dataplane/language/regex.test.ts': [
            'takes no more than linear time where a backtracking engine takes exponential',
          ],
          'dataplane/src/gateway/router.reference.test.ts': ['cost no more than a bound, whatever their number'],
        },
      },
      {
        says: 'Schemas have no recursive, dynamic or remote reference, and a bound',
        cases: {
          'dataplane/language/schema.test.ts': [
            'compileSchema > {"$dynamicRef":"#a"}',
            'compileSchema > {"$ref":"https://example.com/a"}',
            'compileSchema > {"$ref":"#"}',
          ],
        },
      },
      {
        says: 'Beyond perNamespace is BudgetExceeded',
        cases: {
          [golden]: ['golden budget-routes > compiles…', 'golden budget-policies > compiles…'],
          'test/golden/budget.test.ts': ['opens nothing that was closed without it'],
        },
      },
    ],
  },
  {
    name: 'M15',
    title: 'Signed calls',
    sentences: [
      {
        says: 'aud is namespace and audience, with route, provider, principal, method, URL hash and jti, 60 s at most',
        cases: {
          backendIdentity: [
            'a token is for one backend, one request and one minute',
            'a token of the client, in any spelling, and one of its own making',
          ],
        },
      },
      {
        says: 'The reserved paths are no route of anybody',
        cases: { backendIdentity: ['the paths of the gateway are no route of anybody'], path: ['the reserved prefix'] },
      },
    ],
  },
  {
    name: 'M16',
    title: 'State',
    sentences: [
      {
        says: 'A remembered token belongs to one provider; expiry, revocation and its key are checked on every hit',
        cases: {
          jwt: [
            'the verified token of one provider is judged again by another (M16)',
            'a verified token expires while it is remembered (M16)',
            'a verified token falls with the key that signed it (GHSA-675f-rq2r-jw82)',
          ],
        },
      },
      {
        says: 'A counter is one for all that the policy covers; Route in keys splits it',
        cases: {
          quota: ['another route under the same policy (M16)', 'a quota by route counts each route for itself (M16)'],
        },
      },
      {
        says: 'An absent part of a key is one bucket, never unlimited',
        cases: {
          quota: [
            'who has no tenant, or one that the provider may not claim, shares one bucket (M16)',
            'who has no API key shares one bucket (M16)',
          ],
        },
      },
      {
        says: 'What data planes divide is at most the limit, and goes on when their number changes',
        cases: {
          concurrency: [
            'lets only its part run where there are more data planes, and keeps it when nobody says how many there are',
            'keeps counting what runs when the limit changes, when the policy goes, and when it comes back',
          ],
          'dataplane/src/policy/dividedMeter.test.ts': [
            'gives at most the limit in all, and at least the whole shares, while the number stays',
            'gives less than twice the limit in a window in which the number changes, and at most the bound',
            'counts on when its part changes',
          ],
        },
      },
      {
        says: 'A caller learns of its own usage alone',
        cases: {
          usage: [
            'tells nobody the usage of another…',
            'tells nothing of policies that would not let the caller in, nor of those of other hosts',
          ],
        },
      },
      {
        says: 'What one namespace has under way leaves the others room',
        cases: {
          neighbours: [
            'one whose backend never answers has so many requests under way, and no more; the other is served',
            'one that has its connections kept has so many connections, and no more; the other is served',
          ],
          overload: ['ends beside an answer that never does, although much is held for good'],
        },
      },
      {
        says: 'State survives snapshots',
        cases: {
          revocations: ['what was used stays used when the configuration changes (M16)'],
          throttle: ['forgets nothing when the configuration changes…'],
          anomaly: ['is only told where nothing is restricted, and is known after a change'],
          'dataplane/src/state/breakers.test.ts': ['new settings…'],
        },
      },
    ],
  },
  {
    name: 'M17',
    title: 'Streams',
    sentences: [
      {
        says: 'A stream ends with its credential, at its greatest age, and by a change that would refuse it',
        cases: {
          streams: [
            'ends one whose token has expired',
            'ends one of the greatest age, and no download before its time',
            'ends one whose key is gone, and does not make it look whole; another goes on',
          ],
        },
      },
    ],
  },
  {
    name: 'M18',
    title: 'Errors',
    sentences: [
      {
        says: 'One form and one table for every refusal',
        cases: { 'dataplane/src/http/problem.test.ts': ['problemOf > says…'] },
      },
      {
        says: '401 with WWW-Authenticate',
        cases: { 'dataplane/src/policy/challenges.test.ts': ['…'], jwt: ['no token'] },
      },
      {
        says: 'Quotas with the RateLimit fields',
        cases: { 'dataplane/src/forward/rateLimit.test.ts': ['…'] },
      },
      {
        says: 'CORS and security headers also on refusals',
        cases: {
          cors: ['security headers on a refusal, and what only holds over TLS'],
          'dataplane/src/gateway/admission.cors.test.ts': ['says who may read it as soon as a rule is found (M18)'],
        },
      },
    ],
  },
  {
    name: 'M19',
    title: 'Words from outside',
    sentences: [
      {
        says: 'Status is built from a reason table and a field path, bounded',
        cases: {
          'controller/src/compile/findings.test.ts': ['the reason table…', 'bounds the places in number and length'],
        },
      },
      {
        says: 'Logs are bounded and encoded',
        cases: {
          'dataplane/src/telemetry/logger.test.ts': ['keeps a hostile value on its own line and away from terminals'],
        },
      },
      {
        says: 'The command line escapes control characters',
        cases: { 'cli/src/plainText.test.ts': ['…'] },
      },
    ],
  },
  {
    name: 'M20',
    title: 'One decision record per request',
    sentences: [
      {
        says: 'Ids, route, rule, policy, level, check, code and principal',
        cases: {
          'dataplane/src/telemetry/logger.test.ts': [
            'writes every field of the audit log for a permit, in order',
            'writes every field of the security log for a refusal',
          ],
          'dataplane/src/gateway/admission.test.ts': ['records whose Allow rules were asked where none matches (M20)'],
        },
      },
      {
        says: 'Credentials never reach it',
        cases: {
          jwt: ['leaves no credential in any log'],
          apiKey: ['leaves no credential in any log'],
          places: ['leaves no credential in any log'],
        },
      },
    ],
  },
]
