import type { IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import type { Ask } from './client.ts'
import { login, token, withClaims } from './credentials.ts'
import type { DemoWorld } from './world.ts'

/** A request and what must become of it. */
export interface Case {
  readonly what: string
  /** What stands in the table for the request. */
  readonly sent: string
  readonly ask: Ask
  /** As `answerText` writes it. */
  readonly answer: string
  /** As `decidedBy` writes it. */
  readonly why: string
  /** Headers that the backend must see with these values; null = it must not see them. Absent = it must see nothing. */
  readonly backend?: Readonly<Record<string, string | null>>
}

interface Tokens {
  readonly alice: string
  readonly expired: string
  readonly stranger: string
  readonly otherAudience: string
  readonly wrongType: string
  readonly globex: string
  readonly writer: string
  readonly admin: string
}

const alice = [...login, '--subject', 'alice', '--tenant', 'acme', '--role', 'customer'] as const

/** What the requests of the demo are made of. */
export type CaseMaterial = Pick<DemoWorld, 'apiKey' | 'dataHome' | 'scratch'>

async function makeTokens({ dataHome, scratch }: CaseMaterial): Promise<Tokens> {
  const sign = (...args: readonly string[]): Promise<string> => token(dataHome, ...args)
  return {
    alice: await sign(...alice),
    expired: await sign(...alice, '--expires-in', '-1m'),
    stranger: await token(join(scratch, 'stranger'), ...alice),
    otherAudience: await sign('--issuer', 'https://login.shop.example', '--audience', 'wiki', '--tenant', 'acme'),
    wrongType: await sign(...alice, '--typ', 'JWT'),
    globex: await sign(...login, '--subject', 'gina', '--tenant', 'globex', '--role', 'customer'),
    writer: await sign(...alice, '--scope', 'orders:write'),
    admin: await sign(...login, '--subject', 'ada', '--tenant', 'acme', '--role', 'admin'),
  }
}

const bearer = (jwt: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${jwt}` })

const callers = 'shop/callers'
const asAlice = {
  'x-gatehouse-subject': 'alice',
  'x-gatehouse-tenant': 'acme',
  'x-gatehouse-roles': '"customer"',
  authorization: null,
}

function credentialCases(tokens: Tokens, apiKey: string): readonly Case[] {
  const get = (headers: Ask['headers'] = {}): Ask => ({ path: '/orders/1', headers })
  const refused = (what: string, credential: string, headers: Ask['headers'], item: string): Case => ({
    what,
    sent: `GET /orders/1 ${credential}`.trim(),
    ask: get(headers),
    answer: '401 unauthenticated',
    why: `authentication ${callers}${item}`,
  })
  return [
    refused('no credential', '', {}, ''),
    {
      what: 'a good token',
      sent: 'GET /orders/1 token of alice',
      ask: get(bearer(tokens.alice)),
      answer: '200',
      why: 'allowed by shop/orders/read',
      backend: asAlice,
    },
    refused('an expired token', 'expired token', bearer(tokens.expired), '/customers'),
    refused(
      'claims changed after signing',
      'forged token',
      bearer(withClaims(tokens.alice, { roles: ['admin'] })),
      '/customers',
    ),
    refused("signed with a stranger's key", 'forged token', bearer(tokens.stranger), '/customers'),
    refused('a token for something else', 'token for wiki', bearer(tokens.otherAudience), '/customers'),
    refused('a token of another type', 'ID token', bearer(tokens.wrongType), '/customers'),
    {
      what: 'a good API key',
      sent: 'GET /orders/1 key of batch',
      ask: get({ 'x-api-key': apiKey }),
      answer: '200',
      why: 'allowed by shop/orders/read',
      backend: { 'x-gatehouse-subject': 'batch', 'x-gatehouse-tenant': 'acme', 'x-api-key': null },
    },
    refused('a wrong API key', 'wrong key', { 'x-api-key': `${apiKey}0` }, '/partners'),
    {
      what: 'two credentials at once',
      sent: 'GET /orders/1 token and key',
      ask: get({ ...bearer(tokens.alice), 'x-api-key': apiKey }),
      answer: '400 ambiguous-credential',
      why: `authentication ${callers}`,
    },
  ]
}

function permissionCases(tokens: Tokens): readonly Case[] {
  return [
    {
      what: 'another tenant',
      sent: 'GET /orders/1 token of globex',
      ask: { path: '/orders/1', headers: bearer(tokens.globex) },
      answer: '403 forbidden',
      why: `authorization ${callers}/acme-only`,
    },
    {
      what: 'the wrong role',
      sent: 'GET /admin token of alice',
      ask: { path: '/admin', headers: bearer(tokens.alice) },
      answer: '403 forbidden',
      why: 'authorization, no Allow matches',
    },
    {
      what: 'the right role',
      sent: 'GET /admin token of ada, admin',
      ask: { path: '/admin', headers: bearer(tokens.admin) },
      answer: '200',
      why: 'allowed by shop/orders-admin/admins',
      backend: { 'x-gatehouse-subject': 'ada', 'x-gatehouse-roles': '"admin"' },
    },
    {
      what: 'writing without the scope',
      sent: 'POST /orders token of alice',
      ask: { method: 'POST', path: '/orders', headers: bearer(tokens.alice) },
      answer: '403 forbidden',
      why: 'authorization, no Allow matches',
    },
    {
      what: 'writing with it',
      sent: 'POST /orders token with orders:write',
      ask: { method: 'POST', path: '/orders', headers: bearer(tokens.writer) },
      answer: '200',
      why: 'allowed by shop/orders/write',
      backend: asAlice,
    },
  ]
}

/** Names that only the gateway may write, as a hostile client would. */
const spoofed = {
  'x-gatehouse-roles': '"admin"',
  X_Gatehouse_Subject: 'root',
  'x-forwarded-user': 'root',
  'x-original-url': '/admin',
  'x-http-method-override': 'DELETE',
}

function formCases(tokens: Tokens): readonly Case[] {
  const headers = bearer(tokens.alice)
  const badPath = (what: string, path: string): Case => ({
    what,
    sent: `GET ${path}`,
    ask: { path, headers },
    answer: '400 bad-path',
    why: 'form',
  })
  return [
    {
      what: 'spoofed headers',
      sent: 'GET /orders/1 X-Gatehouse-Roles: admin …',
      ask: { path: '/orders/1', headers: { ...headers, ...spoofed } },
      answer: '200',
      why: 'allowed by shop/orders/read',
      backend: {
        ...asAlice,
        x_gatehouse_subject: null,
        'x-forwarded-user': null,
        'x-original-url': null,
        'x-http-method-override': null,
      },
    },
    badPath('a way around the path', '/orders/../admin'),
    badPath('the same in disguise', '/orders/%2e%2e/admin'),
    badPath('a hidden slash', '/orders%2f..%2fadmin'),
    {
      what: 'an unknown host',
      sent: 'GET /orders/1 Host: evil.example',
      ask: { path: '/orders/1', headers, host: 'evil.example' },
      answer: '404 no-route',
      why: 'route',
    },
    {
      what: 'a route without a policy',
      sent: 'GET /reports token of ada, admin',
      ask: { path: '/reports', headers: bearer(tokens.admin) },
      answer: '403 no-policy',
      why: 'policy route shop/reports',
    },
    {
      what: 'a public route',
      sent: 'GET /status',
      ask: { path: '/status' },
      answer: '200',
      why: 'allowed by shop/status/everyone',
      backend: { 'x-gatehouse-subject': null },
    },
    {
      what: 'but only for reading',
      sent: 'POST /status',
      ask: { method: 'POST', path: '/status' },
      answer: '403 forbidden',
      why: 'authorization, no Allow matches',
    },
  ]
}

/** The single requests of the demo, in order. */
export async function demoCases(world: CaseMaterial): Promise<readonly Case[]> {
  const tokens = await makeTokens(world)
  return [...credentialCases(tokens, world.apiKey), ...permissionCases(tokens), ...formCases(tokens)]
}

/** The headers of a case that the backend saw otherwise. */
export function headerDifferences(
  expected: NonNullable<Case['backend']>,
  seen: IncomingHttpHeaders,
): readonly string[] {
  return Object.entries(expected).flatMap(([name, value]) => {
    const found = seen[name]
    if (value === null) return found === undefined ? [] : [`the backend saw ${name}`]
    return found === value ? [] : [`the backend saw ${name}: ${String(found)} in place of ${value}`]
  })
}
