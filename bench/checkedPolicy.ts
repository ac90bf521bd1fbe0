import type { Provider, Resource, ResourceSpec } from '@gatehouse/contract'
import { policyResource } from '../test/support/resources.ts'

type Rule = ResourceSpec<'policy'>['rules'][number]

const rule = (name: string, action: Rule['action'], over: Partial<Rule>): Rule => ({
  name,
  action,
  methods: null,
  paths: null,
  principal: [],
  expression: null,
  unless: null,
  broken: false,
  ...over,
})

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
