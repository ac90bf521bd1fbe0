import { checks, refusals, trialOutcomes } from '../gateway/refusal.ts'
import { upstreamFailures } from './upstreamFailure.ts'
import { commonFields, type FieldTable } from './fields.ts'

/** The fields of the decision record (M20), shared by the audit and the security log. Credentials are not among them. */
export const decisionFields = {
  ...commonFields,
  requestId: {
    type: 'string',
    nullable: false,
    meaning: 'The id that the gateway gave the request; also in its answer.',
  },
  revision: {
    type: 'string',
    nullable: true,
    meaning: 'Revision of the configuration that judged it; null = none yet.',
  },
  listener: { type: 'string', nullable: false, meaning: 'Name of the listener.' },
  method: { type: 'string', nullable: false, meaning: 'Request method.' },
  host: { type: 'string', nullable: true, meaning: 'Host asked for, lower case, without port; null = unreadable.' },
  path: { type: 'string', nullable: true, meaning: 'The canonical path, without query; null = unreadable.' },
  clientAddress: { type: 'string', nullable: true, meaning: 'Address of the client, as quotas see it.' },
  decision: {
    type: 'string',
    nullable: false,
    values: ['permit', 'refuse'],
    meaning: 'Whether the policy let the request through.',
  },
  status: { type: 'integer', nullable: false, meaning: 'Status that the client got.' },
  code: {
    type: 'string',
    nullable: true,
    values: Object.keys(refusals),
    meaning: 'Refusal code when the gateway answered itself.',
  },
  check: { type: 'string', nullable: true, values: checks, meaning: 'The check that ended the request.' },
  route: { type: 'string', nullable: true, meaning: '`namespace/name` of the GatewayRoute.' },
  rule: { type: 'string', nullable: true, meaning: 'Name of the rule of the route.' },
  policy: { type: 'string', nullable: true, meaning: '`namespace/name` of the AccessPolicy that decided.' },
  item: {
    type: 'string',
    nullable: true,
    meaning: 'Provider, authorization rule, quota or field of validation of that policy that decided.',
  },
  level: {
    type: 'integer',
    nullable: true,
    meaning:
      'How wide that policy is: 0 Gatehouse, 1 Namespace by the installation, 2 Namespace, 3 GatewayRoute, 4 rule.',
  },
  anomaly: {
    type: 'string',
    nullable: true,
    meaning:
      '`namespace/name` of the AccessPolicy that finds far more requests of its key than usual; null = none does.',
  },
  principal: {
    type: 'string',
    nullable: true,
    meaning: 'JSON array of provider object, issuer and subject; null = anonymous or not yet known.',
  },
  would: {
    type: 'string',
    nullable: true,
    values: trialOutcomes,
    meaning:
      'What enforcing everything in Shadow would have changed; null = nothing in Shadow concerns the rule. Unknown: there was no time to find out, or it takes keys that nothing enforced fetches.',
  },
  wouldCode: {
    type: 'string',
    nullable: true,
    values: Object.keys(refusals),
    meaning: 'Refusal code that it would have been answered with; null = none.',
  },
  wouldCheck: { type: 'string', nullable: true, values: checks, meaning: 'The check that would have ended it.' },
  wouldPolicy: {
    type: 'string',
    nullable: true,
    meaning: '`namespace/name` of the AccessPolicy that would have decided.',
  },
  wouldItem: {
    type: 'string',
    nullable: true,
    meaning: 'Provider, authorization rule or quota of that policy that would have decided.',
  },
  wouldLevel: { type: 'integer', nullable: true, meaning: 'How wide that policy is, as `level`.' },
  quota: { type: 'string', nullable: true, meaning: 'Name of the quota nearest to its limit.' },
  quotaRemaining: { type: 'integer', nullable: true, meaning: 'Tokens left in that quota.' },
  upstream: { type: 'string', nullable: true, meaning: '`namespace/service:port` that the request went to.' },
  upstreamAddress: { type: 'string', nullable: true, meaning: '`address:port` of the endpoint.' },
  upstreamStatus: { type: 'integer', nullable: true, meaning: 'Status that the upstream answered.' },
  upstreamHeadTime: { type: 'number', nullable: true, meaning: 'Milliseconds from dispatch to the response headers.' },
  upstreamTries: { type: 'integer', nullable: true, meaning: 'How often the request was sent; 0 = never.' },
  upstreamFailure: {
    type: 'string',
    nullable: true,
    values: Object.keys(upstreamFailures),
    meaning: `Why the last try that came to nothing did, also where another one then did not. ${failures()}`,
  },
  completed: {
    type: 'boolean',
    nullable: false,
    meaning: 'False when the client left or the upstream broke off before the response was whole.',
  },
  duration: {
    type: 'number',
    nullable: false,
    meaning: 'Milliseconds from the request head to the end of the response.',
  },
} as const satisfies FieldTable

/** What each word for a failure means. */
function failures(): string {
  return `${Object.entries(upstreamFailures)
    .map(([failure, meaning]) => `\`${failure}\`: ${meaning}`)
    .join('; ')}.`
}
