import type { Meaning } from './meaning.ts'

const admission = (part: string): string => `dataplane/src/gateway/admission.${part}test.ts`
const golden = 'test/golden/golden.test.ts'

/** Who may do what: M1 to M5. */
export const access: readonly Meaning[] = [
  {
    name: 'M1',
    title: 'Default deny',
    sentences: [
      {
        says: 'A rule without an enforced policy that sets authentication and allow rules answers 403 no-policy',
        cases: { jwt: ['a rule without a policy (M1)'], [admission('')]: ['default deny (M1)…'] },
      },
      { says: 'Protected says so', cases: { [golden]: ['golden no-policy > compiles…'] } },
      {
        says: 'A broken policy that targets a rule counts as present',
        cases: { jwt: ['a rule whose policy is broken (M7)'], [golden]: ['golden invalid-policy > compiles…'] },
      },
      {
        says: 'Public needs anonymous and an Allow with Anyone, both written out',
        cases: { [admission('')]: ['Anyone without anonymous', 'anonymous without Anyone'] },
      },
    ],
  },
  {
    name: 'M2',
    title: 'Levels',
    sentences: [
      {
        says: 'Every level must pass; adding a narrower policy never admits what a wider one refuses',
        cases: {
          'test/golden/levels.test.ts': ['let nobody in whom a Deny, a Require or the bounds of any of them refuse'],
          'dataplane/src/gateway/admission.levels.test.ts': ['a deny list > of the…'],
        },
      },
      {
        says: 'A policy in the namespace of the installation may target a Namespace, and ranks above the tenant’s own',
        cases: { [golden]: ['golden levels > compiles…', 'golden wide-targets > compiles…'] },
      },
      {
        says: 'The narrowest wins over allow rules and providers; at one level the older, then the name: Conflicted',
        cases: { [golden]: ['golden conflicted > compiles…', 'golden wide-conflicted > compiles…'] },
      },
      {
        says: 'Whoever sets authentication in the namespace of the installation defaults to Own and Forbid, others to Any and Allow',
        cases: { 'controller/src/compile/bounds.test.ts': ['boundsOf…'] },
      },
      {
        says: 'One entry beyond the bounds overrides the whole narrower authentication',
        cases: {
          levels: [
            'a route that its tenant opens to everybody, where the installation forbids it',
            "a tenant's provider, where narrower policies may only choose",
          ],
          [golden]: ['golden bounds > compiles…', 'golden bounds-alone > compiles…'],
        },
      },
      {
        says: 'use names a provider of a wider level; defining its name is Invalid',
        cases: {
          levels: ["a provider that goes by the name of the installation's"],
          [admission('levels.')]: ['a provider that is used by a narrower policy…'],
        },
      },
      {
        says: 'Exemptions lift only anonymous: Forbid, where namespace and hostname both match',
        cases: {
          levels: ['a route of which one host of two is exempt', 'lets everybody in where a route is exempt…'],
          'controller/src/compile/bounds.test.ts': ['allowsAnonymous…'],
        },
      },
      {
        says: 'The strictest word about the credential counts at every level',
        cases: { levels: ['lets a credential go on to a backend, but not where a wider level keeps it'] },
      },
    ],
  },
  {
    name: 'M3',
    title: 'One provider judges',
    sentences: [
      {
        says: 'A credential is claimed by location, then form, then the exact unverified iss',
        cases: { 'dataplane/src/policy/claiming.test.ts': ['…'] },
      },
      {
        says: 'The same location twice, or credentials claimed by two providers, is 400',
        cases: { jwt: ['a second Authorization (M3)', 'a token and an API key (M3)'] },
      },
      {
        says: 'One unclaimed or invalid credential makes it 401, also where anonymous is listed',
        cases: {
          jwt: ['a bad token where nobody needs one (M3)', 'a foreign scheme where nobody needs one (M3)'],
          [admission('credentials.')]: ['a good key beside a bad token'],
        },
      },
      {
        says: 'A client certificate counts only if no other credential is present, and is none where nobody claims it',
        cases: {
          mtls: ['a good certificate beside a bad token is not looked at (M3)'],
          'dataplane/src/explain/caller.test.ts': [
            'lets no certificate count beside it, whoever could claim that (M3)',
          ],
        },
      },
      {
        says: 'Locations are those of the providers in force; elsewhere a header is an ordinary header',
        cases: { jwt: ['a token in the query (RFC 9700)', 'a token in a cookie'] },
      },
      {
        says: 'Two entries that could claim the same credential are Invalid',
        cases: { [golden]: ['golden ambiguous-providers > compiles…'] },
      },
    ],
  },
  {
    name: 'M4',
    title: 'Rules',
    sentences: [
      {
        says: 'All Deny and all Require of all levels, then the first Allow that matches',
        cases: {
          'dataplane/src/policy/authorization.test.ts': [
            'puts every Deny and Require before any Allow, in whatever order they are written',
            'takes the first Allow that matches',
            'refuses what no Allow matches',
          ],
        },
      },
      {
        says: 'A condition that errors or lacks its fact is true in a Deny, false elsewhere',
        cases: {
          'dataplane/src/policy/authorization.test.ts': ['facts that are lacking…'],
          'dataplane/src/policy/authorization.expressions.test.ts': ['…'],
        },
      },
      {
        says: 'A broken Allow counts as having one, and never matches',
        cases: {
          jwt: ['an Allow that is broken never matches (M7)'],
          [admission('')]: ['a policy whose Allow is broken'],
        },
      },
      {
        says: 'An anonymous caller refused gets 401 where the rule has another provider',
        cases: { [admission('')]: ['asks an anonymous caller for a credential where one would help'] },
      },
    ],
  },
  {
    name: 'M5',
    title: 'Principals',
    sentences: [
      {
        says: 'A principal is provider, issuer and subject, in every key',
        cases: { quota: ['an API key with the name of a principal is somebody else (M5)'] },
      },
      {
        says: 'A level believes only providers of its own level or a wider one',
        cases: {
          levels: ['a role that only the tenant vouches for…', 'the same beside a provider of the installation'],
        },
      },
      {
        says: 'At most what asserts allows',
        cases: {
          jwt: ['only the roles that the provider may claim go on (M5)', 'a role that the provider may not claim (M5)'],
        },
      },
      {
        says: 'An issuer that the installation registered can be used only with its keys',
        cases: {
          levels: ["the installation's issuer with the tenant's keys"],
          [golden]: ['golden issuer-registered > compiles…'],
        },
      },
    ],
  },
]
