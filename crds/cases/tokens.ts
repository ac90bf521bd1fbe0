import { structureCases, type Case } from './case.ts'
import { byJwt, jwt, provided } from './policy-parts.ts'

const mapped = (map: object): Case['spec'] => byJwt({ map })

const revoking = (revocations: object): Case['spec'] => {
  const { targetRefs, authentication } = byJwt({})
  return { targetRefs, authentication: { ...authentication, revocations } }
}

/** What is read from the claims of a token. */
export const tokenCases: readonly Case[] = structureCases('AccessPolicy', {
  accepted: {
    'all attributes of a token': mapped({
      roles: ['realm_access', 'roles'],
      scopes: ['scope'],
      groups: ['groups'],
      tenant: ['tid'],
      plan: ['plan'],
      trustLevel: { claim: ['acr'], values: { 'urn:mace:incommon:iap:silver': 1, gold: 2, none: 0 } },
    }),
    'a token that counts once': byJwt({ replay: { claim: 'jti', scope: 'Replica' } }),
    'a token that counts once everywhere': byJwt({ replay: { claim: 'jti', scope: 'Shared' } }),
    revocations: revoking({ configMapRef: { name: 'revoked' } }),
    'revocations under a key': revoking({ configMapRef: { name: 'revoked', key: 'list' } }),
    'a token of an hour': byJwt({ maxTokenAge: '1h' }),
    'all that can be asserted': provided({
      name: 'a',
      jwt,
      asserts: { roles: ['*'], groups: ['eng'], tenants: ['acme'], plans: ['gold', 'silver'] },
    }),
  },
  refused: {
    'a claim path as text': mapped({ roles: 'roles' }),
    'an empty claim path': mapped({ groups: [] }),
    'a path of more than eight members': mapped({ plan: Array.from({ length: 9 }, () => 'a') }),
    'a trust level without table': mapped({ trustLevel: { claim: ['acr'] } }),
    'a trust level without claim': mapped({ trustLevel: { values: { gold: 1 } } }),
    'an empty table of trust levels': mapped({ trustLevel: { claim: ['acr'], values: {} } }),
    'a trust level in words': mapped({ trustLevel: { claim: ['acr'], values: { gold: 'high' } } }),
    'a trust level below nothing': mapped({ trustLevel: { claim: ['acr'], values: { gold: -1 } } }),
    'an attribute that there is not': mapped({ email: ['email'] }),
    'a token that counts once by another claim': byJwt({ replay: { claim: 'sub', scope: 'Replica' } }),
    'a token that counts once, of which nobody says where': byJwt({ replay: { claim: 'jti' } }),
    'a token that counts once somewhere': byJwt({ replay: { claim: 'jti', scope: 'Gateway' } }),
    'revocations from nowhere': revoking({}),
    'revocations of another namespace': revoking({ configMapRef: { name: 'revoked', namespace: 'other' } }),
    'revocations in the policy': revoking({ list: [] }),
    'a token of no age': byJwt({ maxTokenAge: '0s' }),
    'asserted scopes': provided({ name: 'a', jwt, asserts: { scopes: ['*'] } }),
  },
})
