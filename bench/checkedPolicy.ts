import type { Provider, Resource } from '@gatehouse/contract'
import { authorizationRule as rule, policyResource } from '../test/support/resources.ts'

/** Three rules on the caller, and a schema each for headers and query. */
export const checkedPolicy = (provider: Provider): Resource =>
  policyResource(
    {
      providers: [provider],
      rules: [
        rule('no-suspended', 'Deny', { principal: [{ attribute: 'Role', values: { anyOf: ['suspended'] } }] }),
        rule('own-tenant', 'Require', { principal: [{ attribute: 'Tenant', values: { anyOf: ['acme'] } }] }),
        rule('readers', 'Allow', {
          methods: ['GET'],
          principal: [{ attribute: 'Role', values: { anyOf: ['reader', 'admin'] } }],
        }),
      ],
      validation: {
        maxBodySize: null,
        contentTypes: null,
        headers: {
          required: ['x-request-source'],
          schema: JSON.stringify({
            properties: { 'X-Request-Source': { type: 'string', enum: ['web', 'app', 'batch'] } },
          }),
        },
        queryParams: {
          onUnknown: 'Reject',
          schema: JSON.stringify({
            properties: {
              limit: { type: 'integer', minimum: 1, maximum: 100 },
              sort: { type: 'string', enum: ['created', 'total'] },
              tag: { type: 'array', items: { type: 'string', maxLength: 20 }, maxItems: 10 },
            },
          }),
        },
        pathParams: null,
        body: null,
        redirectParams: null,
        broken: false,
      },
    },
    'checked',
  )
