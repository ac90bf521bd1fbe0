import { forgedKeys, ownKeys } from './callers.ts'
import { guarded } from './guarded.ts'
import { onCallers } from './identities.ts'
import { judged, refused, served, type Attempt, type Probe } from './attempt.ts'
import {
  anonymous,
  everybody,
  everyoneKnown,
  hostOf,
  jwtProvider,
  policy,
  route,
  staffIssuer,
  targets,
} from './objects.ts'
import { hostile } from './people.ts'

const own = jwtProvider('mine', { jwks: { inline: ownKeys } })
const forged = (name: string, issuer?: string) =>
  jwtProvider(name, { jwks: { inline: forgedKeys }, ...(issuer && { issuer }) })
const lab = (name: string): string => `${name}.lab.example`

const inLab = (name: string, spec: object | null): readonly object[] => [
  route(name, { namespace: hostile.lab, hostnames: [lab(name)] }),
  ...(spec === null ? [] : [policy(name, spec, hostile.lab)]),
]

const onTarget = (name: string, target: object): readonly object[] => [
  policy(name, { targetRefs: [target], ...everybody }),
]

const claims = (name: string, answer: string): Probe => refused('nobody', `${hostOf(name)}/${name}`, answer)

const targeting: readonly Attempt[] = [
  judged(
    'a policy for the namespace of shop',
    'accesspolicy/at-shop Accepted=False/TargetNotAllowed',
    onTarget('at-shop', targets.namespace('shop')),
    refused('nobody', 'orders.shop.example/at-shop', '401 unauthenticated'),
  ),
  judged(
    'a policy for the installation',
    'accesspolicy/at-edge Accepted=False/TargetNotAllowed',
    onTarget('at-edge', targets.gatehouse),
    refused('nobody', 'orders.shop.example/at-edge', '401 unauthenticated'),
  ),
  judged(
    'a policy for the namespace of the platform',
    'accesspolicy/at-platform Accepted=False/TargetNotAllowed',
    onTarget('at-platform', targets.namespace('gatehouse-system')),
  ),
  judged(
    'a policy for a route of shop',
    'accesspolicy/at-pay Accepted=False/TargetNotFound',
    onTarget('at-pay', targets.route('lab-x')),
    refused('nobody', 'lab-x.shop.example/at-pay', '401 unauthenticated'),
  ),
  judged(
    'a policy for a rule that does not exist, to be forgotten',
    'accesspolicy/no-rule Accepted=False/UnknownSectionName',
    [route('no-rule'), policy('no-rule', { targetRefs: [targets.route('no-rule', 'ghost')], ...everybody })],
    refused('own', `${hostOf('no-rule')}/no-rule`, '500 config-invalid'),
  ),
]

const bounds: readonly Attempt[] = [
  guarded(
    'anonymous below Forbid',
    'open Overridden=True/BeyondBounds',
    { authentication: { anyOf: [anonymous] }, ...everybody },
    claims('open', '401 unauthenticated'),
  ),
  guarded(
    'an exemption and bounds of its own',
    'exempt Overridden=True/BeyondBounds',
    {
      authentication: {
        anyOf: [anonymous],
        bounds: {
          providers: 'Any',
          anonymous: 'Forbid',
          exemptions: [{ namespaces: [hostile.home], hostnames: [hostOf('exempt')] }],
        },
      },
      ...everybody,
    },
    claims('exempt', '401 unauthenticated'),
  ),
  guarded(
    'bounds that allow what the platform forbids',
    'loosened Overridden=True/BeyondBounds',
    { authentication: { anyOf: [anonymous], bounds: { providers: 'Any', anonymous: 'Allow' } }, ...everybody },
    claims('loosened', '401 unauthenticated'),
  ),
  judged(
    'a login of its own where the platform says Own',
    `accesspolicy/${hostile.lab}/own-login Overridden=True/BeyondBounds`,
    inLab('own-login', { authentication: { anyOf: [own] }, ...everyoneKnown }),
    refused('own', `${lab('own-login')}/own-login`, '401 unauthenticated'),
  ),
]

const providers: readonly Attempt[] = [
  guarded(
    'a provider that nobody has',
    'unknown Accepted=False/ProviderNotFound',
    { authentication: { use: ['ghost'] }, ...everyoneKnown },
    refused('own', `${hostOf('unknown')}/unknown`, '500 config-invalid'),
  ),
  guarded(
    'the provider of shop',
    'borrowed Accepted=False/ProviderNotFound',
    { authentication: { use: ['partners'] }, ...everyoneKnown },
    refused('client', `${hostOf('borrowed')}/borrowed`, '500 config-invalid'),
  ),
  guarded(
    'a provider by the name that the platform uses',
    'renamed Accepted=False/ProviderNameTaken',
    { authentication: { anyOf: [forged('staff')] }, ...everyoneKnown },
    refused('forged', `${hostOf('renamed')}/renamed`, '500 config-invalid'),
  ),
  guarded(
    'the issuer of the platform, with its own keys',
    'issuer PartiallyInvalid=True/IssuerRegistered',
    { authentication: { anyOf: [forged('second', staffIssuer)] }, ...everyoneKnown },
    refused('forged', `${hostOf('issuer')}/issuer`, '500 config-invalid'),
  ),
  guarded(
    'two providers for one credential',
    'twice PartiallyInvalid=True/AmbiguousProviders',
    { authentication: { anyOf: [own, { ...forged('second'), asserts: { roles: ['*'] } }] }, ...everyoneKnown },
    refused('own', `${hostOf('twice')}/twice`, '400 ambiguous-credential'),
  ),
  guarded(
    'the role that the platform wants, said by its own login',
    'role Accepted=True/Accepted',
    { authentication: { anyOf: [own] }, ...everyoneKnown },
    served('own', `${hostOf('role')}/role`, 'other'),
    refused('own', `${hostOf('role')}/admin/role`, '403 forbidden'),
    refused('own', `${hostOf('role')}/%61dmin/role`, '403 forbidden'),
  ),
]

const rules: readonly Attempt[] = [
  guarded(
    'an Allow for what the platform denies',
    'denied Accepted=True/Accepted',
    {
      authorization: {
        rules: [
          {
            name: 'all',
            action: 'Allow',
            methods: ['*'],
            paths: [{ type: 'PathPrefix', value: '/internal' }],
            principal: [{ attribute: 'Anyone' }],
          },
        ],
      },
    },
    refused('own', `${hostOf('denied')}/internal/denied`, '403 forbidden'),
    refused('staff', `${hostOf('denied')}/internal/denied`, '401 unauthenticated'),
  ),
  guarded(
    'a Deny with a pardon, by the name of the rule of the platform',
    'pardoned Accepted=True/Accepted',
    {
      authorization: {
        rules: [
          {
            name: 'no-internals',
            action: 'Deny',
            paths: [{ type: 'PathPrefix', value: '/internal' }],
            unless: { sourceCIDRs: ['0.0.0.0/0'] },
          },
          { name: 'all', action: 'Allow', methods: ['*'], principal: [{ attribute: 'Anyone' }] },
        ],
      },
    },
    refused('own', `${hostOf('pardoned')}/internal/pardoned`, '403 forbidden'),
  ),
  judged(
    'everything in Shadow',
    `gatewayroute/${hostile.lab}/shadow Protected=False/NoPolicy`,
    inLab('shadow', { mode: 'Shadow', authentication: { use: ['staff'] }, ...everyoneKnown }),
    refused('staff', `${lab('shadow')}/shadow`, '403 no-policy'),
  ),
  judged(
    'no policy at all',
    `gatewayroute/${hostile.lab}/bare Protected=False/NoPolicy`,
    inLab('bare', null),
    refused('staff', `${lab('bare')}/bare`, '403 no-policy'),
    refused('nobody', `${lab('bare')}/bare`, '403 no-policy'),
  ),
]

/** What a tenant tries with policies. */
export const onPolicies: readonly Attempt[] = [...targeting, ...bounds, ...providers, ...rules, ...onCallers]
