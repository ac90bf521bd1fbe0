import { ruleCases, structureCases, type Case } from './case.ts'
import { targetRefs } from './policy-parts.ts'

const formed = (validation: object) => ({ targetRefs, validation })
const schema = { type: 'object', properties: { limit: { type: 'integer', maximum: 100 } } }
const order = {
  type: 'object',
  required: ['sku'],
  properties: { sku: { type: 'string' } },
  additionalProperties: false,
}
const home = { names: ['return_to'] }
const account = { origin: 'https://shop.example', pathPrefix: '/account' }
const leadingTo = (more: object) => formed({ redirectParams: { ...home, allow: [{ ...account, ...more }] } })

const rules: readonly Case[] = [
  ...ruleCases(
    'AccessPolicy',
    {
      at: 'spec.validation',
      message:
        'validation needs at least one of maxBodySize, contentTypes, headers, queryParams, pathParams, body and redirectParams',
    },
    {
      accepted: {
        'only a size': formed({ maxBodySize: '1Mi' }),
        'only types': formed({ contentTypes: ['application/json'] }),
        'only needed headers': formed({ headers: { required: ['X-Request-Reason'] } }),
        'only a query': formed({ queryParams: { schema } }),
        'only a path': formed({ pathParams: { schema } }),
        'only a body': formed({ body: { schema: order } }),
        'only redirects': formed({ redirectParams: home }),
      },
      refused: { 'a validation that says nothing': formed({}) },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.validation', message: 'contentTypes beside body must be application/json or end in +json' },
    {
      accepted: {
        'JSON types beside a body': formed({
          contentTypes: ['application/json', 'application/merge-patch+json'],
          body: { schema: order },
        }),
        'other types without a body': formed({ contentTypes: ['text/csv', 'image/png'] }),
      },
      refused: { 'another type beside a body': formed({ contentTypes: ['text/csv'], body: { schema: order } }) },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.validation.headers', message: 'headers needs required or schema' },
    {
      accepted: { 'headers by schema': formed({ headers: { schema } }) },
      refused: { 'headers that say nothing': formed({ headers: {} }) },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.validation.body', message: 'exactly one of schema and configMapRef is required' },
    {
      accepted: {
        'a body by a ConfigMap': formed({ body: { configMapRef: { name: 'schemas' } } }),
        'a body of free form': formed({ body: { schema: {} } }),
      },
      refused: {
        'a body that says nothing': formed({ body: {} }),
        'a body by both': formed({ body: { schema: order, configMapRef: { name: 'schemas' } } }),
      },
    },
  ),
]

const structure = structureCases('AccessPolicy', {
  accepted: {
    'redirects elsewhere': leadingTo({}),
    'redirects to a port': leadingTo({ origin: 'http://localhost:3000', pathPrefix: '/' }),
    'a schema of any members': formed({ body: { schema: { 'x-anything': [1, { a: null }], type: 7 } } }),
  },
  refused: {
    'a size in bytes': formed({ maxBodySize: 1024 }),
    'a size of nothing': formed({ maxBodySize: '0Ki' }),
    'no types': formed({ contentTypes: [] }),
    'a type with parameters': formed({ contentTypes: ['application/json; charset=utf-8'] }),
    'a range of types': formed({ contentTypes: ['image/*'] }),
    'a type in capitals': formed({ contentTypes: ['Application/JSON'] }),
    'a query without schema': formed({ queryParams: { onUnknown: 'Ignore' } }),
    'a query that is let through': formed({ queryParams: { onUnknown: 'Allow', schema } }),
    'a path without schema': formed({ pathParams: {} }),
    'a schema that is no object': formed({ body: { schema: true } }),
    'a schema as text': formed({ body: { schema: '{}' } }),
    'a depth without a body': formed({ maxDepth: 5, contentTypes: ['text/plain'] }),
    'a depth of nothing': formed({ body: { schema: order, maxDepth: 0 } }),
    'a great depth': formed({ body: { schema: order, maxDepth: 65 } }),
    'redirects without names': formed({ redirectParams: { allow: [account] } }),
    'redirects to a path of any origin': leadingTo({ origin: undefined }),
    'redirects to any path unsaid': leadingTo({ pathPrefix: undefined }),
    'redirects to a host': leadingTo({ origin: 'shop.example' }),
    'redirects to an origin with a path': leadingTo({ origin: 'https://shop.example/' }),
    'redirects to a user': leadingTo({ origin: 'https://a@shop.example' }),
    'redirects to any subdomain': leadingTo({ origin: 'https://*.shop.example' }),
    'redirects to a script': leadingTo({ origin: 'javascript:alert' }),
    'redirects to a dot path': leadingTo({ pathPrefix: '/account/../admin' }),
  },
})

export const validationCases: readonly Case[] = [...rules, ...structure]

/** A validation with every field, and one with the other member of its union. */
export const fullValidation = {
  maxBodySize: '1Mi',
  contentTypes: ['application/json'],
  headers: { required: ['x-request-reason'], schema },
  queryParams: { onUnknown: 'Reject', schema },
  pathParams: { schema },
  body: { configMapRef: { name: 'schemas', key: 'order' }, maxDepth: 20 },
  redirectParams: { ...home, allow: [account] },
}
