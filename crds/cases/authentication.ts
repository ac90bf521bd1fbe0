import { ruleCases, type Case } from './case.ts'
import { uri, jwt, apiKey, mtls, provided, byJwt } from './policy-parts.ts'

const oneProvider = 'exactly one of jwt, apiKey, mtls and anonymous is required'

const altName = 'spec.authentication.anyOf[].mtls.subjectAltNames[]'
const named = (type: string, pattern: string) => provided({ name: 'a', mtls: { subjectAltNames: [{ type, pattern }] } })

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
    { at: altName, message: 'a URI begins with a scheme, and * is a whole path segment' },
    {
      accepted: {
        'a trust domain and stars': named('URI', 'spiffe://*/ns/*/sa/*'),
        'a URN': named('URI', 'urn:example:a+b'),
      },
      refused: {
        'a URI without a scheme': named('URI', 'cluster.local/ns/shop'),
        'a star within a segment of a URI': named('URI', 'spiffe://a/sa*'),
        'a URI with a space': named('URI', 'spiffe://a/b c'),
      },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    { at: altName, message: 'a DNS name is labels between dots, and * is a whole label other than the last' },
    {
      accepted: { 'any name of a domain': named('DNS', '*.mesh.example'), 'one label': named('DNS', 'localhost') },
      refused: {
        'any name at all': named('DNS', '*'),
        'any name of two labels': named('DNS', '*.*'),
        'a star within a label': named('DNS', 'web*.example'),
        'a dot at the end': named('DNS', 'web.example.'),
        'a DNS name with a slash': named('DNS', 'spiffe://a.example'),
      },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    { at: altName, message: 'an Email is an address with one @, or * before @ and a domain' },
    {
      accepted: {
        'everybody of a domain': named('Email', '*@shop.example'),
        'one address': named('Email', 'ada+x@Shop.example'),
      },
      refused: {
        'a domain alone': named('Email', 'shop.example'),
        'two ats': named('Email', 'a@b@shop.example'),
        'a star within a local part': named('Email', 'a*@shop.example'),
        'a star in the domain': named('Email', 'a@*.example'),
      },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    { at: altName, message: 'an IP is an address or a range such as 10.0.0.0/8' },
    {
      accepted: {
        'an IPv4 address': named('IP', '192.0.2.1'),
        'an IPv4 range': named('IP', '10.0.0.0/8'),
        'an IPv6 range': named('IP', '2001:db8::/32'),
      },
      refused: { 'a star for an address': named('IP', '10.0.0.*'), 'a name for an address': named('IP', 'shop') },
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
