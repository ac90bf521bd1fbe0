import { ruleCases, type Case } from './case.ts'
import { uri, jwt, apiKey, mtls, provided, byJwt } from './policy-parts.ts'

const oneProvider = 'exactly one of jwt, apiKey, mtls and anonymous is required'

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
        ),
      },
      refused: {
        'a provider without a way': provided({ name: 'a' }),
        'a provider with two ways': provided({ name: 'a', jwt, apiKey }),
        'a provider that is also anonymous': provided({ name: 'a', jwt, anonymous: {} }),
      },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.authentication.anyOf[]', message: 'asserts has no effect with anonymous; remove it' },
    {
      accepted: {
        'asserted roles': provided({ name: 'a', mtls, asserts: { roles: ['*'] } }),
        'asserted plans': provided({ name: 'a', apiKey, asserts: { plans: ['gold'] } }),
      },
      refused: { 'asserted roles of nobody': provided({ name: 'a', anonymous: {}, asserts: { roles: ['*'] } }) },
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
]
