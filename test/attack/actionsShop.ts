import type { HeaderChanges, ResourceSpec } from '@gatehouse/contract'
import { backendOf, forwardTo } from '../support/resources.ts'

type RuleSpec = ResourceSpec<'route'>['rules'][number]
type Action = RuleSpec['action']
type Redirect = Extract<Action, { type: 'Redirect' }>

const { timeouts } = forwardTo('web')

export const changes = (over: Partial<HeaderChanges>): HeaderChanges => ({ set: [], add: [], remove: [], ...over })

const redirect = (over: Partial<Redirect>): Redirect => ({
  type: 'Redirect',
  statusCode: 302,
  origin: null,
  path: null,
  responseHeaders: null,
  timeouts,
  ...over,
})

const respond = (statusCode: number, body: string | null = null): Action => ({
  type: 'Respond',
  statusCode,
  content: body === null ? null : { type: 'text/plain; charset=utf-8', body },
  responseHeaders: null,
  timeouts,
})

const set = (name: string, value = 'planted'): HeaderChanges => changes({ set: [{ name, value }] })
const changingRequests = (requestHeaders: HeaderChanges): Action => forwardTo('web', { requestHeaders })
const changingAnswers = (responseHeaders: HeaderChanges): Action => forwardTo('web', { responseHeaders })
const changingForOne = (requestHeaders: HeaderChanges): Action =>
  forwardTo('web', { backends: [backendOf('web', { requestHeaders })] })

/** Copies what goes to the backend to the same backend; the original says that it is one. */
const mirrored = (methods: string[]): Action =>
  forwardTo('web', {
    mirrors: [{ upstream: 'shop/web:80', methods, share: { numerator: 1, denominator: 1 } }],
    backends: [
      backendOf('web', {
        auth: { type: 'SignedToken', audience: 'shop/orders' },
        requestHeaders: set('x-original', 'yes'),
      }),
    ],
  })

/** The part of the shop where routes do more than pass requests on; each action is below the path of its name. */
export const actions: Readonly<Record<string, Action>> = {
  moved: redirect({ statusCode: 308, path: { type: 'ReplacePrefixMatch', value: '' } }),
  secure: redirect({ statusCode: 301, origin: { scheme: 'https', hostname: null, port: null } }),
  elsewhere: redirect({
    origin: { scheme: 'http', hostname: 'docs.shop.example', port: 8080 },
    path: { type: 'ReplaceFullPath', value: '/start' },
    responseHeaders: set('cache-control', 'max-age=60'),
  }),
  told: respond(200, 'grüß dich'),
  empty: respond(204),
  gone: respond(410),
  rewritten: forwardTo('web', {
    rewrite: { hostname: 'orders.internal', path: { type: 'ReplacePrefixMatch', value: '/v2/' } },
  }),
  'signed-elsewhere': forwardTo('web', {
    rewrite: { hostname: null, path: { type: 'ReplaceFullPath', value: '/v3' } },
    backends: [backendOf('web', { auth: { type: 'SignedToken', audience: 'shop/orders' } })],
  }),
  'headers-changed': forwardTo('web', {
    requestHeaders: changes({
      set: [
        { name: 'x-tag', value: 'rule' },
        { name: 'x_mark', value: 'rule' },
      ],
      add: [{ name: 'x-list', value: 'rule' }],
      remove: ['x-debug', 'cookie', 'authorization'],
    }),
    responseHeaders: changes({ set: [{ name: 'x-powered-by', value: 'nobody' }], remove: ['server', 'set-cookie'] }),
    backends: [
      backendOf('web', {
        requestHeaders: changes({
          set: [{ name: 'x-backend', value: 'a' }],
          add: [{ name: 'x-tag', value: 'backend' }],
        }),
      }),
    ],
  }),
  'key-changed': forwardTo('web', {
    requestHeaders: set('x-legacy-key'),
    backends: [backendOf('web', { auth: { type: 'Header', header: 'shop/backend-header/named' } })],
  }),
}

/** What no controller sends; the same, answered 500. */
export const refusedActions: Readonly<Record<string, Action>> = {
  'path-doubled': forwardTo('web', {
    rewrite: { hostname: null, path: { type: 'ReplaceFullPath', value: '//evil.example' } },
  }),
  'path-upwards': redirect({ path: { type: 'ReplacePrefixMatch', value: '/a/..' } }),
  'writes-identity': changingRequests(set('x_gatehouse.subject', 'root')),
  'writes-host': changingRequests(set('host', 'evil.example')),
  'writes-length': changingRequests(set('content-length', '0')),
  'writes-forwarded': changingRequests(changes({ add: [{ name: 'x-forwarded-for', value: '10.1.2.3' }] })),
  'writes-key': changingRequests(set('x-api-key')),
  'writes-cookie': changingRequests(set('cookie', 'session=planted')),
  'removes-id': changingRequests(changes({ remove: ['x-request-id'] })),
  'one-writes-identity': changingForOne(set('x-gatehouse-roles', 'admin')),
  'answers-cookie': changingAnswers(set('set-cookie', 'session=planted')),
  'answers-cors': changingAnswers(set('access-control-allow-origin', '*')),
  'answers-length': changingAnswers(changes({ remove: ['content-length'] })),
  'location-twice': redirect({
    origin: { scheme: 'https', hostname: null, port: null },
    responseHeaders: set('location', 'https://evil.example'),
  }),
}

/** Rules whose policies do not permit everything, and one that has none. */
export const guardedActions: Readonly<Record<string, readonly [policy: string, action: Action]>> = {
  'moved-for-staff': ['shared', redirect({ path: { type: 'ReplaceFullPath', value: '/secret-place' } })],
  'told-to-staff': ['secured', respond(200, 'secret')],
  mirrored: ['mixed', mirrored(['GET'])],
  'mirrored-with-credential': ['credential-forwarded', mirrored(['GET', 'POST'])],
  'mirrored-after-a-look': ['form-order', mirrored(['POST'])],
  'told-after-a-look': ['form-order', respond(200, 'looked at')],
}
export const unguardedAction: Action = redirect({ origin: { scheme: 'https', hostname: null, port: null } })
