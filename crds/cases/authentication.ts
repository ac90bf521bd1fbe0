import { ruleCases, structureCases, type Case } from './case.ts'
import {
  uri,
  jwt,
  apiKey,
  introspection,
  mtls,
  provided,
  byIntrospection,
  byJwt,
  failureThrottle,
  throttled,
} from './policy-parts.ts'

const oneProvider = 'exactly one of jwt, apiKey, introspection, mtls and anonymous is required'

export const authenticationCases: readonly Case[] = [
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.authentication.anyOf[]', message: oneProvider },
    {
      accepted: {
        'one of each': provided(
          { name: 'a', jwt },
          { name: 'b', apiKey },
          { name: 'c', mtls },
          { name: 'd', anonymous: {} },
          { name: 'e', introspection },
        ),
      },
      refused: {
        'a provider without a way': provided({ name: 'a' }),
        'a provider with two ways': provided({ name: 'a', jwt, apiKey }),
        'a provider with introspection and jwt': provided({ name: 'a', jwt, introspection }),
        'a provider that is also anonymous': provided({ name: 'a', jwt, anonymous: {} }),
      },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.authentication.anyOf[]', message: 'asserts has no effect with anonymous and mtls; remove it' },
    {
      accepted: {
        'asserted roles': provided({ name: 'a', jwt, asserts: { roles: ['*'] } }),
        'asserted plans': provided({ name: 'a', apiKey, asserts: { plans: ['gold'] } }),
      },
      refused: {
        'asserted roles of nobody': provided({ name: 'a', anonymous: {}, asserts: { roles: ['*'] } }),
        'asserted roles of a certificate': provided({ name: 'a', mtls, asserts: { roles: ['*'] } }),
      },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    {
      at: 'spec.authentication.anyOf[].jwt.jwks',
      message: 'exactly one of uri, inline and configMapRef is required',
    },
    {
      accepted: {
        'keys by uri': byJwt({ jwks: { uri } }),
        'keys inline': byJwt({ jwks: { inline: '{"keys":[]}' } }),
        'keys of a config map': byJwt({ jwks: { configMapRef: { name: 'keys' } } }),
      },
      refused: {
        'no keys': byJwt({ jwks: {} }),
        'keys from two places': byJwt({ jwks: { uri, inline: '{"keys":[]}' } }),
      },
    },
  ),
  ...structureCases('AccessPolicy', {
    accepted: {
      'introspection at loopback': byIntrospection({ url: 'http://127.0.0.1:9000/introspect?realm=a' }),
      'introspection without caches': byIntrospection({ cacheTTL: '0s', negativeTTL: '0s' }),
      'a throttle': throttled({}),
      'a throttle for each provider': throttled({ perProvider: failureThrottle }),
      'introspection that may take 10 s': byIntrospection({ timeout: '10s' }),
    },
    refused: {
      'introspection at no URL': byIntrospection({ url: 'idp.example' }),
      'introspection with a password in the URL': byIntrospection({ url: 'https://a:b@idp.example/' }),
      'introspection without a Secret': byIntrospection({ clientSecretRef: undefined }),
      'introspection with a ConfigMap for a Secret': byIntrospection({
        clientSecretRef: { kind: 'ConfigMap', name: 'idp' },
      }),
      'introspection for any issuer': byIntrospection({ issuer: undefined }),
      'introspection for any audience': byIntrospection({ audiences: undefined }),
      'introspection for no audience': byIntrospection({ audiences: [] }),
      'introspection that may take 11 s': byIntrospection({ timeout: '11s' }),
      'introspection that may take no time': byIntrospection({ timeout: '0s' }),
      'introspection without any call': byIntrospection({ maxInFlight: 0 }),
      'a throttle for each provider that does not say when': throttled({ perProvider: { limit: 1 } }),
      'a throttle without a limit': throttled({ limit: undefined }),
      'a throttle without a window': throttled({ window: undefined }),
      'a throttle that does not say for how long': throttled({ blockFor: undefined }),
      'a throttle that blocks before the first failure': throttled({ limit: 0 }),
      'a throttle with an empty window': throttled({ window: '0s' }),
      'a throttle for no time': throttled({ blockFor: '0s' }),
      'introspection with calls without end': byIntrospection({ maxInFlight: 1001 }),
    },
  }),
]
