import { createHash, verify, constants, type VerifyKeyObjectInput } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { verificationKeys, type VerificationKey } from '../state/verificationKeys.ts'
import { presented } from './credential.ts'
import { decodeJws } from './jws.ts'
import { verifyToken } from './jwt.ts'
import { assembled, goodClaims, jwtProvider, keySource, noon } from './policyFixture.ts'

/** Vectors of Project Wycheproof; see NOTICE beside the file. */
interface Group {
  readonly alg: string
  readonly key: Readonly<Record<string, string>>
  /** Number, result (valid, invalid, acceptable), message, signature. */
  readonly tests: readonly (readonly [number, 'v' | 'i' | 'a', string, string])[]
}

const text = readFileSync(new URL('vectors/signatures.json', import.meta.url), 'utf8')
const groups = JSON.parse(text) as readonly Group[]

const hashes: Readonly<Record<string, string | null>> = {
  ES256: 'sha256',
  ES384: 'sha384',
  RS256: 'sha256',
  PS256: 'sha256',
  EdDSA: null,
}

/** The key as a key set gives it, or null when it is not one that may be used. */
const keyOf = ({ key, alg }: Group): VerificationKey | null =>
  verificationKeys([key], 1)?.find(({ algorithms }) => algorithms.includes(alg)) ?? null

const optionsOf = ({ alg }: Group, { key }: VerificationKey): VerifyKeyObjectInput => ({
  key,
  ...(alg.startsWith('ES') ? { dsaEncoding: 'ieee-p1363' as const } : {}),
  ...(alg === 'PS256' ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : {}),
})

describe('Wycheproof vectors', () => {
  it('are those that were taken over', () => {
    expect(createHash('sha256').update(text).digest('hex')).toBe(
      'c2c6317d7ca624ae733db935ae9dbbdb76cdbb3f553821c79f067cc0623da315',
    )
    expect(groups.reduce((sum, { tests }) => sum + tests.length, 0)).toBe(1040)
  })

  it.each(Object.keys(hashes))('%s: keys that may be used verify as they should', (alg) => {
    let judged = 0
    for (const group of groups.filter((one) => one.alg === alg)) {
      const key = keyOf(group)
      if (key === null) continue
      for (const [number, result, message, signature] of group.tests) {
        const [data, bytes] = [Buffer.from(message, 'base64url'), Buffer.from(signature, 'base64url')]
        const holds = verify(hashes[alg], data, optionsOf(group, key), bytes)
        if (result !== 'a') expect(`${number} ${holds}`).toBe(`${number} ${result === 'v'}`)
        judged++
      }
    }
    expect(judged).toBeGreaterThan(100)
  })

  it.each(Object.keys(hashes))('%s: none of the signatures holds under a token', async (alg) => {
    const input = assembled({ alg }, goodClaims, '')
    for (const group of groups.filter((one) => one.alg === alg)) {
      const key = keyOf(group)
      const provider = jwtProvider(keySource(key === null ? [] : [key]), { algorithms: [alg] })
      for (const [, , , signature] of group.tests) {
        const token = `${input}${signature}`
        const ready = { ...provider, keys: provider.keys! }
        expect(await verifyToken(ready, presented(token), decodeJws(token)!, () => noon)).toMatchObject({
          type: 'invalid',
        })
      }
    }
  })
})
