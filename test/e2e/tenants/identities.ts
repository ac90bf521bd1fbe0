import { judged, refused, served, withholding, type Attempt } from './attempt.ts'
import { ownAuthority } from './callers.ts'
import { guarded } from './guarded.ts'
import { configMap, everyoneKnown, hostOf, policy, route } from './objects.ts'

const workloads = {
  anyOf: [
    {
      name: 'workloads',
      mtls: {
        subjectAltNames: [{ type: 'URI', pattern: 'spiffe://cluster.local/ns/*/sa/*' }],
        caCertificateRefs: [{ name: 'own-authority' }],
      },
    },
  ],
}

/** What a tenant tries to be told, or to tell its backend, of callers. */
export const onCallers: readonly Attempt[] = [
  guarded(
    'an identity header that the platform does not list',
    'headers PartiallyInvalid=True/HeaderNotAllowed',
    { forward: { identityHeaders: [{ name: 'x-internal-user', from: 'Subject' }] } },
    refused('own', `${hostOf('headers')}/headers`, '500 config-invalid'),
  ),
  guarded(
    'an identity header that the caller made up',
    'let-through Accepted=True/Accepted',
    { forward: { requestHeaders: { allow: ['x-gatehouse-subject'] } } },
    withholding(
      'x-gatehouse-subject',
      served('own', `${hostOf('let-through')}/let-through`, 'other', '--header', 'X-Gatehouse-Subject: root'),
    ),
  ),
  guarded(
    'the tokens of staff for its own backend',
    'harvest Accepted=True/Accepted',
    { authentication: { use: ['staff'] }, ...everyoneKnown, forward: { credential: 'Forward' } },
    withholding('authorization', served('staff', `${hostOf('harvest')}/harvest`, 'other')),
  ),
  judged(
    'client certificates of its own authority',
    'accesspolicy/workloads Accepted=True/Accepted',
    [
      configMap('own-authority', { 'ca.crt': ownAuthority }),
      route('workloads'),
      policy('workloads', { authentication: workloads, ...everyoneKnown }),
    ],
    refused('certificate', `${hostOf('workloads')}/workloads`, '401 unauthenticated'),
  ),
]
