import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import { CommandError, exitStatus } from '../exit.ts'

/** The algorithm of the development key. */
export const algorithm = 'ES256'

/** A key for trying out policies; it means nothing to anybody else. */
export interface DevelopmentKey {
  readonly kid: string
  readonly privateKey: Awaited<ReturnType<typeof importJWK>>
  /** Its public half, as a JSON Web Key. */
  readonly publicJwk: JWK
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)

async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true })
  const jwk = await exportJWK(privateKey)
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: algorithm, use: 'sig' }
}

/** Makes the file, unless another process was quicker; it is never seen half written. */
async function create(directory: string, path: string): Promise<void> {
  const draft = join(directory, `.dev-key-${randomUUID()}`)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await writeFile(draft, `${JSON.stringify(await newKey())}\n`, { mode: 0o600, flag: 'wx' })
  try {
    await link(draft, path)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  } finally {
    await rm(draft)
  }
}

async function readOrCreate(directory: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    await create(directory, path)
    return await readFile(path, 'utf8')
  }
}

/** @throws TypeError or SyntaxError when the text is no such key */
async function keyOf(text: string): Promise<DevelopmentKey> {
  const jwk = JSON.parse(text) as JWK
  const { kid, kty, crv, x, y } = jwk
  if (typeof kid !== 'string' || kty !== 'EC' || typeof x !== 'string' || typeof y !== 'string') {
    throw new TypeError('not a development key')
  }
  const publicJwk: JWK = { kty, crv: crv ?? '', x, y, kid, alg: algorithm, use: 'sig' }
  return { kid, privateKey: await importJWK(jwk, algorithm), publicJwk }
}

/**
 * The development key of this user; made on first use.
 *
 * @param directory - where it lies, in `dev-key.json`, readable by this user alone
 * @throws CommandError when the file cannot be used
 */
export async function developmentKey(directory: string): Promise<DevelopmentKey> {
  const path = join(directory, 'dev-key.json')
  try {
    return await keyOf(await readOrCreate(directory, path))
  } catch (error) {
    const why = typeof codeOf(error) === 'string' ? String(codeOf(error)) : 'not a key of this command'
    throw new CommandError(
      `the development key ${path} cannot be used (${why}); remove the file to get a new one`,
      exitStatus.failure,
    )
  }
}
