import { ruleCases, structureCases, type Case } from './case.ts'
import { mirrorCases } from './mirrors.ts'

const hostnames = ['api.shop.example']
const backend = { name: 'orders', port: 8080 }
const underOrders = { matches: [{ path: { type: 'PathPrefix', value: '/orders' } }] }

const acting = (rule: object) => ({ hostnames, rules: [{ name: 'all', ...rule }] })
const forwarding = (rule: object) => acting({ backendRefs: [backend], ...rule })
const redirecting = (redirect: object, rule: object = {}) => acting({ redirect, ...rule })
const responding = (respond: object) => acting({ respond })

const tag = [{ name: 'x-tag', value: '1' }]
const fullPath = { type: 'ReplaceFullPath', replaceFullPath: '/v2' }
const prefix = { type: 'ReplacePrefixMatch', replacePrefixMatch: '/v2' }

/** Where headers are changed, and a route that does it there. */
const sections = [
  ['spec.rules[].requestHeaders', (changes: object) => forwarding({ requestHeaders: changes })],
  ['spec.rules[].responseHeaders', (changes: object) => forwarding({ responseHeaders: changes })],
  [
    'spec.rules[].backendRefs[].requestHeaders',
    (changes: object) => acting({ backendRefs: [{ ...backend, requestHeaders: changes }] }),
  ],
  [
    'spec.rules[].backendRefs[].responseHeaders',
    (changes: object) => acting({ backendRefs: [{ ...backend, responseHeaders: changes }] }),
  ],
] as const

const headers = sections.flatMap(([at, changing]) =>
  ruleCases(
    'GatewayRoute',
    { at, message: 'at least one of set, add and remove is needed' },
    {
      accepted: {
        [`${at} that sets`]: changing({ set: tag }),
        [`${at} that adds`]: changing({ add: tag }),
        [`${at} that removes`]: changing({ remove: ['X-Tag'] }),
      },
      refused: { [`${at} that changes nothing`]: changing({}) },
    },
  ),
)

/** Where paths are changed. */
const paths = (
  [
    ['spec.rules[].rewrite.path', (path: object) => forwarding({ ...underOrders, rewrite: { path } })],
    ['spec.rules[].redirect.path', (path: object) => redirecting({ path }, underOrders)],
  ] as const
).flatMap(([at, changing]) => [
  ...ruleCases(
    'GatewayRoute',
    { at, message: 'replaceFullPath is required with type ReplaceFullPath, and only then' },
    {
      accepted: { [`${at} as a whole`]: changing(fullPath) },
      refused: {
        [`${at} by nothing`]: changing({ type: 'ReplaceFullPath' }),
        [`${at} twice`]: changing({ ...prefix, replaceFullPath: '/v2' }),
      },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    { at, message: 'replacePrefixMatch is required with type ReplacePrefixMatch, and only then' },
    {
      accepted: {
        [`${at} from its beginning`]: changing(prefix),
        [`${at} without its beginning`]: changing({ ...prefix, replacePrefixMatch: '' }),
      },
      refused: {
        [`${at} from no beginning`]: changing({ type: 'ReplacePrefixMatch' }),
        [`${at} from a beginning too`]: changing({ ...fullPath, replacePrefixMatch: '/v2' }),
      },
    },
  ),
])

const onRule: readonly Case[] = [
  ...ruleCases(
    'GatewayRoute',
    { at: 'spec.rules[]', message: 'exactly one of backendRefs, redirect and respond is required' },
    {
      accepted: {
        'a rule with backends': forwarding({}),
        'a rule with a redirect': redirecting({ scheme: 'https' }),
        'a rule with an answer': responding({ statusCode: 204 }),
      },
      refused: {
        'a rule that does nothing': acting({}),
        'backends and a redirect': forwarding({ redirect: { scheme: 'https' } }),
        'a redirect and an answer': redirecting({ scheme: 'https' }, { respond: { statusCode: 204 } }),
      },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    {
      at: 'spec.rules[]',
      message:
        'rewrite, requestHeaders, mirrors, retry, circuitBreaker, loadBalancing, healthCheck and upgrades have no effect without backendRefs; remove them',
    },
    {
      accepted: {
        'a rewrite for backends': forwarding({ rewrite: { hostname: 'orders.internal' } }),
        'a redirect with headers': redirecting({ scheme: 'https' }, { responseHeaders: { set: tag } }),
      },
      refused: {
        'a rewrite of a redirect': redirecting({ scheme: 'https' }, { rewrite: { hostname: 'orders.internal' } }),
        'request headers of an answer': acting({ respond: { statusCode: 204 }, requestHeaders: { set: tag } }),
        'a mirror of an answer': acting({ respond: { statusCode: 204 }, mirrors: [{ backendRef: backend }] }),
        'retries of an answer': acting({ respond: { statusCode: 204 }, retry: {} }),
        'a breaker of an answer': acting({ respond: { statusCode: 204 }, circuitBreaker: {} }),
        'a WebSocket of an answer': acting({ respond: { statusCode: 204 }, upgrades: ['websocket'] }),
        'a health check of an answer': acting({ respond: { statusCode: 204 }, healthCheck: { passive: {} } }),
        'a balancing of an answer': acting({ respond: { statusCode: 204 }, loadBalancing: {} }),
      },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    { at: 'spec.rules[]', message: 'upgrades need backends of protocol HTTP1' },
    {
      accepted: { 'WebSockets of HTTP/1.1': forwarding({ upgrades: ['websocket'] }) },
      refused: {
        'WebSockets of HTTP/2': forwarding({
          backendRefs: [{ name: 'orders', port: 8080, protocol: 'H2C' }],
          upgrades: ['websocket'],
        }),
      },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    { at: 'spec.rules[]', message: 'ReplacePrefixMatch needs a rule with exactly one match, by PathPrefix' },
    {
      accepted: { 'a prefix that is replaced': forwarding({ ...underOrders, rewrite: { path: prefix } }) },
      refused: {
        'a prefix of every request': forwarding({ rewrite: { path: prefix } }),
        'a prefix of a whole path': forwarding({
          matches: [{ path: { type: 'Exact', value: '/orders' } }],
          rewrite: { path: prefix },
        }),
        'a prefix of a method': redirecting({ path: prefix }, { matches: [{ methods: ['GET'] }] }),
        'a prefix of two': redirecting(
          { path: prefix },
          { matches: [...underOrders.matches, { path: { type: 'PathPrefix', value: '/old' } }] },
        ),
      },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    { at: 'spec.rules[].rewrite', message: 'rewrite needs at least one of hostname and path' },
    {
      accepted: { 'a rewrite of the path': forwarding({ rewrite: { path: fullPath } }) },
      refused: { 'a rewrite of nothing': forwarding({ rewrite: {} }) },
    },
  ),
]

const redirects: readonly Case[] = [
  ...ruleCases(
    'GatewayRoute',
    { at: 'spec.rules[].redirect', message: 'a redirect needs scheme or path; without both it leads to itself' },
    {
      accepted: { 'a redirect to a path': redirecting({ path: fullPath, statusCode: 308 }) },
      refused: { 'a redirect to itself': redirecting({ statusCode: 301 }) },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    {
      at: 'spec.rules[].redirect',
      message: 'hostname and port need a scheme, since the port that a listener has is not the one that clients see',
    },
    {
      accepted: {
        'a redirect to a host': redirecting({ scheme: 'https', hostname: 'shop.example', port: 8443 }),
      },
      refused: {
        'a redirect to a host of any scheme': redirecting({ hostname: 'shop.example', path: fullPath }),
        'a redirect to a port of any scheme': redirecting({ port: 8443, path: fullPath }),
      },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    { at: 'spec.rules[].redirect', message: 'statusCode must be 301, 302, 303, 307 or 308' },
    {
      accepted: { 'a permanent redirect': redirecting({ scheme: 'https', statusCode: 301 }) },
      refused: {
        'a redirect that is a cached answer': redirecting({ scheme: 'https', statusCode: 304 }),
        'a redirect to a proxy': redirecting({ scheme: 'https', statusCode: 305 }),
      },
    },
  ),
]

const responses: readonly Case[] = [
  ...ruleCases(
    'GatewayRoute',
    { at: 'spec.rules[].respond', message: 'contentType and body need each other' },
    {
      accepted: {
        'an answer with a body': responding({ statusCode: 200, contentType: 'text/plain; charset=utf-8', body: 'ok' }),
      },
      refused: {
        'a body of no type': responding({ statusCode: 200, body: 'ok' }),
        'a type of no body': responding({ statusCode: 200, contentType: 'text/plain' }),
      },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    { at: 'spec.rules[].respond', message: 'an answer with status 204 or 205 has no body' },
    {
      accepted: { 'an answer without content': responding({ statusCode: 205 }) },
      refused: { 'no content with a body': responding({ statusCode: 204, contentType: 'text/plain', body: 'ok' }) },
    },
  ),
  ...ruleCases(
    'GatewayRoute',
    {
      at: 'spec.rules[].respond',
      message: 'statusCode must not be 206 or 300 to 399; a redirect is written as redirect',
    },
    {
      accepted: { 'an answer that is an error': responding({ statusCode: 410 }) },
      refused: {
        'a part of nothing': responding({ statusCode: 206 }),
        'an answer that is a redirect': responding({ statusCode: 302 }),
      },
    },
  ),
]

const set = (name: string, value: string) => forwarding({ requestHeaders: { set: [{ name, value }] } })

const structure = structureCases('GatewayRoute', {
  accepted: { 'a value with blanks between': set('x-tag', 'a b'), 'a long value': set('x-tag', 'a'.repeat(4096)) },
  refused: {
    'a value of two lines': set('x-tag', 'a\r\nhost: b'),
    'a value with NUL': set('x-tag', 'a\u0000b'),
    'a value beyond ASCII': set('x-tag', 'é'),
    'a value that ends in a blank': set('x-tag', 'a '),
    'an empty value': set('x-tag', ''),
    'a name with a colon': set('x:tag', 'a'),
    'a header that is set twice': forwarding({ requestHeaders: { set: [...tag, ...tag] } }),
    'a host with a path': forwarding({ rewrite: { hostname: 'orders.internal/a' } }),
    'a redirect to another scheme': redirecting({ scheme: 'javascript' }),
    'a redirect to a host with a user': redirecting({ scheme: 'https', hostname: 'a@b' }),
    'a redirect to a path that is a host': redirecting({ path: { ...fullPath, replaceFullPath: '//evil.example' } }),
    'a path that goes up': redirecting({ path: { ...fullPath, replaceFullPath: '/a/../b' } }),
    'a location with a query in its path': redirecting({ path: { ...fullPath, replaceFullPath: '/a?b' } }),
    'an interim answer': responding({ statusCode: 101 }),
    'a type of two lines': responding({ statusCode: 200, contentType: 'text/plain\r\nx: y', body: 'ok' }),
    'a body of more than 4096 characters': responding({
      statusCode: 200,
      contentType: 'text/plain',
      body: 'a'.repeat(4097),
    }),
  },
})

export const routeActionCases: readonly Case[] = [
  ...headers,
  ...paths,
  ...onRule,
  ...redirects,
  ...responses,
  ...mirrorCases,
  ...structure,
]

const changes = { set: tag, add: tag, remove: ['x-other'] }

/** What a rule with backends may say beside them. */
export const fullForward = {
  rewrite: { path: prefix },
  requestHeaders: changes,
  responseHeaders: changes,
  mirrors: [
    { backendRef: { ...backend, namespace: 'shop' }, percent: 5, methods: ['GET'] },
    { backendRef: backend, fraction: { numerator: 1, denominator: 1000 } },
  ],
}

/** The same of one of its backends. */
export const fullBackendChanges = { requestHeaders: changes, responseHeaders: changes }

/** Rules without backends, with every field. */
export const fullAnswers = [
  {
    name: 'moved',
    matches: underOrders.matches,
    redirect: { scheme: 'https', hostname: 'shop.example', port: 8443, path: fullPath, statusCode: 308 },
  },
  {
    name: 'secured',
    matches: [{ path: { type: 'Exact', value: '/orders' }, methods: ['GET'] }],
    redirect: { scheme: 'https', path: fullPath },
  },
  {
    name: 'bounded',
    backendRefs: [backend],
    rewrite: { hostname: 'orders.internal', path: fullPath },
    circuitBreaker: { maxParallel: 5 },
  },
  { name: 'told', respond: { statusCode: 200, contentType: 'text/plain', body: 'ok' } },
]
