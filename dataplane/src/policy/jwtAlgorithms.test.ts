import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { keyIndex } from '../state/keyIndex.ts'
import { verificationKeys } from '../state/verificationKeys.ts'
import { presented } from './credential.ts'
import { decodeJws } from './jws.ts'
import { verifyToken } from './jwt.ts'
import { goodClaims, jwtProvider, noon } from './policyFixture.ts'

const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

/** The outcome of a token of one algorithm under a key set that really was one. */
async function verify(algorithm: string, tokenAlgorithm: string, accepted: string[]): Promise<string> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true })
  const usable = verificationKeys([await exportJWK(publicKey)], 1)
  const source = { ...keyIndex(usable ?? []), renew: () => Promise.resolve(), unavailableFor: () => null }
  const text = await new SignJWT(goodClaims).setProtectedHeader({ alg: tokenAlgorithm }).sign(privateKey)
  const provider = { ...jwtProvider(source, { algorithms: accepted }), keys: source }
  return (await verifyToken(provider, presented(text), decodeJws(text)!, () => noon)).type
}

describe('verifyToken', () => {
  it.each(algorithms)('verifies %s', async (algorithm) => {
    expect(await verify(algorithm, algorithm, [algorithm])).toBe('valid')
  })

  it.each(algorithms)('does not verify %s where it is not accepted', async (algorithm) => {
    const others = algorithms.filter((other) => other !== algorithm)
    expect(await verify(algorithm, algorithm, others)).toBe('invalid')
  })
})
