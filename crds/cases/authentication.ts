import { ruleCases, structureCases, type Case } from './case.ts'
import { bounds, targetRefs, uri, jwt, apiKey, mtls, provided, byJwt } from './policy-parts.ts'

const oneProvider = 'exactly one of jwt, apiKey, mtls and anonymous is required'

const bounding = (more: object) => ({ targetRefs, authentication: { bounds: { ...bounds, ...more } } })
const [exemption] = bounds.exemptions

const boundCases: readonly Case[] = [
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.authentication', message: 'authentication needs at least one of bounds, use and anyOf' },
    {
      accepted: {
        'only bounds': bounding({}),
        'only providers of others': { targetRefs, authentication: { use: ['staff'] } },
      },
      refused: { 'authentication that says nothing': { targetRefs, authentication: {} } },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    {
      at: 'spec.authentication.bounds',
      message: 'exemptions have no effect with anonymous: Allow; remove them',
    },
    {
      accepted: {
        'exemptions from a prohibition': bounding({}),
        'no prohibition': bounding({ anonymous: 'Allow', exemptions: undefined }),
      },
      refused: { 'exemptions from nothing': bounding({ anonymous: 'Allow' }) },
    },
  ),
  ...structureCases('AccessPolicy', {
    accepted: { 'bounds without exemptions': bounding({ providers: 'Any', exemptions: undefined }) },
    refused: {
      'bounds that say nothing of providers': bounding({ providers: undefined }),
      'bounds that say nothing of anonymous callers': bounding({ anonymous: undefined }),
      'no exemption': bounding({ exemptions: [] }),
      'an exemption everywhere': bounding({ exemptions: [{ hostnames: exemption!.hostnames }] }),
      'an exemption for every host': bounding({ exemptions: [{ ...exemption, hostnames: ['*'] }] }),
      'an exemption for any host of a namespace': bounding({ exemptions: [{ namespaces: ['docs'] }] }),
      'an exemption without namespace': bounding({ exemptions: [{ ...exemption, namespaces: [] }] }),
      'an exemption of providers': bounding({ exemptions: [{ ...exemption, providers: 'Any' }] }),
      'a provider used twice': { targetRefs, authentication: { use: ['staff', 'staff'] } },
      'no provider used': { targetRefs, authentication: { use: [] } },
    },
  }),
]

export const authenticationCases: readonly Case[] = [
  ...boundCases,
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
