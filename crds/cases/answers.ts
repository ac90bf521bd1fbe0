import { ruleCases, structureCases, type Case } from './case.ts'
import { targetRefs } from './policy-parts.ts'

const page = 'https://shop.example'

export const sharing = (more: object) => ({ targetRefs, cors: { allowOrigins: [page], ...more } })
export const secured = (securityHeaders: object) => ({ targetRefs, securityHeaders })

export const fullCors = {
  allowOrigins: [page, 'https://*.shop.example', 'http://localhost:3000'],
  allowMethods: ['GET', 'PUT'],
  allowHeaders: ['Content-Type', 'X-Version'],
  exposeHeaders: ['X-Total'],
  allowCredentials: true,
  maxAge: '10m',
}

const frames = { name: 'x-frame-options', value: 'SAMEORIGIN' }

export const fullSecurityHeaders = { mode: 'Custom', headers: [frames] }

/** What the gateway adds to answers. */
export const answerCases: readonly Case[] = [
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.cors', message: 'with allowCredentials the origins and exposeHeaders must be written out, not "*"' },
    {
      accepted: {
        'every origin without credentials': sharing({ allowOrigins: ['*'], exposeHeaders: ['*'] }),
        'credentials for one origin': sharing({ allowCredentials: true, allowMethods: ['*'], allowHeaders: ['*'] }),
      },
      refused: {
        'every origin with credentials': sharing({ allowOrigins: ['*'], allowCredentials: true }),
        'every origin among others with credentials': sharing({ allowOrigins: [page, '*'], allowCredentials: true }),
        'all headers exposed with credentials': sharing({ exposeHeaders: ['*'], allowCredentials: true }),
      },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.cors.allowOrigins[]', message: 'browsers leave out the default port of http and https' },
    {
      accepted: { 'other ports': sharing({ allowOrigins: ['https://shop.example:80', 'http://shop.example:443'] }) },
      refused: {
        'the port of https': sharing({ allowOrigins: ['https://shop.example:443'] }),
        'the port of http': sharing({ allowOrigins: ['http://*.shop.example:80'] }),
      },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.securityHeaders', message: 'headers is required with mode Custom, and only then' },
    {
      accepted: {
        'headers of its own': secured(fullSecurityHeaders),
        'the default headers': secured({ mode: 'Default' }),
      },
      refused: {
        'custom headers without any': secured({ mode: 'Custom' }),
        'default headers and others': secured({ mode: 'Default', headers: [frames] }),
      },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.forward', message: 'forward needs at least one of identityHeaders, credential and requestHeaders' },
    {
      accepted: {
        'only the credential': { targetRefs, forward: { credential: 'Forward' } },
        'only some headers': { targetRefs, forward: { requestHeaders: { allow: ['Content-Type', 'accept'] } } },
        'no header at all': { targetRefs, forward: { requestHeaders: { allow: [] } } },
      },
      refused: { 'nothing to forward': { targetRefs, forward: {} } },
    },
  ),
  ...structureCases('AccessPolicy', {
    accepted: {
      'a plan and groups told': {
        targetRefs,
        forward: { identityHeaders: ['Plan', 'Groups'].map((from) => ({ name: `x-${from.toLowerCase()}`, from })) },
      },
      'origins of other kinds': sharing({
        allowOrigins: ['capacitor://localhost', 'http://[::1]:3000', 'chrome-extension://abcdef'],
      }),
      'nothing remembered of a preflight': sharing({ maxAge: '0s' }),
    },
    refused: {
      'headers without a list': { targetRefs, forward: { requestHeaders: {} } },
      'a header that is none': { targetRefs, forward: { requestHeaders: { allow: ['a b'] } } },
      'a header allowed twice': { targetRefs, forward: { requestHeaders: { allow: ['accept', 'accept'] } } },
      'an unknown use of the credential': { targetRefs, forward: { credential: 'Keep' } },
      'no origin': { targetRefs, cors: {} },
      'an empty list of origins': sharing({ allowOrigins: [] }),
      'the origin null': sharing({ allowOrigins: ['null'] }),
      'a page of an origin with a path': sharing({ allowOrigins: ['https://shop.example/'] }),
      'an origin in capitals': sharing({ allowOrigins: ['https://Shop.example'] }),
      'an origin without scheme': sharing({ allowOrigins: ['shop.example'] }),
      'a wildcard inside a label': sharing({ allowOrigins: ['https://a*.shop.example'] }),
      'a wildcard that is all of the host': sharing({ allowOrigins: ['https://*'] }),
      'a wildcard as scheme': sharing({ allowOrigins: ['*://shop.example'] }),
      'two origins in one text': sharing({ allowOrigins: ['https://a.example, https://b.example'] }),
      'a method in lower case for pages': sharing({ allowMethods: ['get'] }),
      'a header with a line feed': sharing({ allowHeaders: ['x\n'] }),
      'a header that loosens': secured({ mode: 'Custom', headers: [{ name: 'set-cookie', value: 'a=b' }] }),
      'a value that splits the answer': secured({
        mode: 'Custom',
        headers: [{ ...frames, value: 'DENY\r\nSet-Cookie: a=b' }],
      }),
      'a header twice': secured({ mode: 'Custom', headers: [frames, frames] }),
      'an unknown mode of headers': secured({ mode: 'Strict' }),
    },
  }),
]
