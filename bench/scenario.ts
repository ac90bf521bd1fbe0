import { seal, type SealedResource, type Validation } from '@gatehouse/contract'
import type { Issuer } from '../test/support/issuer.ts'
import { checkedPolicy } from './checkedPolicy.ts'
import { guardedPolicy } from './guardedPolicy.ts'
import {
  enforce,
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
  under,
} from '../test/support/resources.ts'
import { staff } from '../test/support/staff.ts'

export const publicPath = '/public/orders/42'
export const guardedPath = '/guarded/orders/42'
const host = 'api.shop.example'

/** A public rule, one that asks for an RS256 token, a tenant, a role and a token of a bucket, and those that look at the form of requests. */
export function benchResources(issuer: Issuer, backendPort: number): SealedResource[] {
  return [
    installationResource(),
    listenerResource(),
    ...upstreamResources('orders', [{ address: '127.0.0.1', port: backendPort }]),
    { kind: 'keySet' as const, name: 'shop/keys', spec: { type: 'Inline' as const, keys: [issuer.jwk] } },
    policyResource(),
    guardedPolicy(issuer, { name: 'guarded', limit: 1_000_000, window: 1000 }),
    policyResource({ validation: order }, 'form'),
    checkedPolicy(staff(issuer)),
    routeResource([
      ruleTo('orders', { name: 'public', matches: under('/public') }),
      ruleTo('orders', { name: 'guarded', matches: under('/guarded'), access: enforce('guarded') }),
      ruleTo('orders', { name: 'form', matches: under('/form'), access: enforce('form') }),
      ruleTo('orders', { name: 'checked', matches: under('/checked'), access: enforce('checked') }),
    ]),
  ].map(seal)
}

const fields = Array.from({ length: 20 }, (_, index) => `field${index}`)

/** A schema of 20 fields: texts, integers and lists. */
const order: Validation = {
  maxBodySize: 65_536,
  contentTypes: ['application/json'],
  headers: null,
  queryParams: null,
  pathParams: null,
  body: {
    maxDepth: 20,
    schema: JSON.stringify({
      type: 'object',
      additionalProperties: false,
      required: fields,
      properties: Object.fromEntries(
        fields.map((name, index) => [
          name,
          [
            { type: 'string', minLength: 1, maxLength: 80 },
            { type: 'integer', minimum: 0, maximum: 1_000_000 },
            { type: 'array', maxItems: 8, items: { type: 'string', maxLength: 20 } },
          ][index % 3],
        ]),
      ),
    }),
  },
  redirectParams: null,
  broken: false,
}

const orderBody = JSON.stringify(
  Object.fromEntries(
    fields.map((name, index) => [
      name,
      ['a line of text of some length, '.repeat(2), index * 1000, ['red', 'green', 'blue']][index % 3],
    ]),
  ),
)

/** A body of about 1 KiB, for a rule that checks it or for one that does not. */
export const bodyRequest = (path: '/form' | '/public'): string =>
  `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: bench/1\r\nContent-Type: application/json\r\nContent-Length: ${orderBody.length}\r\n\r\n${orderBody}`

const head = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: bench/1\r\nAccept: application/json\r\nAccept-Encoding: gzip\r\n`

export const publicRequest = `${head(publicPath)}\r\n`

/** A request whose header and query fit the schemas of the checked policy, with a bearer token. */
export const checkedRequest = (path: '/checked' | '/public', token: string): string =>
  `${head(`${path}/orders/42?limit=20&sort=created`)}X-Request-Source: web\r\nAuthorization: Bearer ${token}\r\n\r\n`

/** A request with a bearer token, so that the bytes are there before the measurement begins. */
export const tokenRequest = (path: string, token: string): string =>
  `${head(path)}Authorization: Bearer ${token}\r\n\r\n`

export const guardedRequest = (token: string): string => tokenRequest(guardedPath, token)

/** Tokens of as many subjects of tenant `acme`. */
export async function signTokens(issuer: Issuer, count: number, prefix: string): Promise<string[]> {
  const tokens: string[] = []
  for (let index = 0; index < count; index++) {
    tokens.push(
      await issuer.sign({ sub: `${prefix}-${index}`, aud: 'orders', tid: 'acme', roles: ['reader'], exp: farAhead() }),
    )
  }
  return tokens
}

const farAhead = (): number => Math.floor(Date.now() / 1000) + 3600
