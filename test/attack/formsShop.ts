import type { ResourceSpec, Validation } from '@gatehouse/contract'
import { uncheckedForm } from '../support/resources.ts'

/** The part of the shop that looks at the form of requests: each policy guards the path of its name. */

/** Most bytes of a body on any route of the shop. */
export const largestBody = 1024 * 1024

const order = JSON.stringify({
  type: 'object',
  additionalProperties: false,
  required: ['sku'],
  properties: {
    sku: { type: 'string', pattern: '^[A-Z]{3}$' },
    count: { type: 'integer', maximum: 9007199254740991 },
    price: { type: 'number', multipleOf: 0.01 },
    tags: { type: 'array', items: { type: 'string' } },
    role: { const: 'buyer' },
  },
})

const page = JSON.stringify({
  required: ['page'],
  properties: {
    page: { type: 'integer', minimum: 1, maximum: 100 },
    tag: { type: 'array', items: { type: 'string', maxLength: 3 }, maxItems: 2 },
    deep: { type: 'boolean' },
  },
})

const validations: Readonly<Record<string, Partial<Validation>>> = {
  'form-order': { maxBodySize: 300_000, body: { schema: order, maxDepth: 4 } },
  'form-merge': { contentTypes: ['application/merge-patch+json'], body: { schema: order, maxDepth: 4 } },
  'form-hoard': { body: { schema: order, maxDepth: 4 } },
  'form-types': { maxBodySize: 64, contentTypes: ['application/json', 'text/csv'] },
  'form-query': { queryParams: { onUnknown: 'Reject', schema: page } },
  'form-loose': { queryParams: { onUnknown: 'Ignore', schema: page } },
  'form-headers': {
    headers: {
      required: ['x-reason'],
      schema: JSON.stringify({
        properties: { 'X-Retries': { type: 'integer', maximum: 3 }, 'X-Reason': { type: 'string', maxLength: 8 } },
      }),
    },
  },
  'form-redirect': {
    redirectParams: { names: ['return_to'], allow: [{ origin: 'https://shop.example', pathPrefix: '/account' }] },
  },
  'form-hostile': {
    maxBodySize: 300_000,
    body: {
      schema: JSON.stringify({
        items: { allOf: Array.from({ length: 8 }, () => ({ pattern: '(?:a?){50}a{50}' })) },
      }),
      maxDepth: 4,
    },
  },
  'form-item': { pathParams: { schema: JSON.stringify({ properties: { id: { type: 'integer', minimum: 1 } } }) } },
  'form-unusable': { body: { schema: '{"type":"text"}', maxDepth: 4 } },
  'form-broken': { broken: true },
}

/** Takes orders of the form that {@link formPolicies} knows as `form-order`. */
export const orderForm: Validation = { ...uncheckedForm, ...validations['form-order'] }

/** @param over - who is let in */
export const formPolicies = (
  over: Pick<ResourceSpec<'policy'>, 'providers' | 'rules'>,
): Readonly<Record<string, Partial<ResourceSpec<'policy'>>>> =>
  Object.fromEntries(
    Object.entries(validations).map(([name, validation]) => [
      name,
      { ...over, validation: { ...uncheckedForm, ...validation } },
    ]),
  )
