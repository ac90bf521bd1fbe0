import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { stringify } from 'yaml'
import { command } from './gateway.ts'

const run = promisify(execFile)

/** Runs `gatehouse token`. @param dataHome - where its key lies; null = where it always does */
export async function token(dataHome: string | null, ...args: readonly string[]): Promise<string> {
  const env = dataHome === null ? process.env : { ...process.env, XDG_DATA_HOME: dataHome }
  const { stdout } = await run(command, ['token', ...args], { env })
  return stdout.trim()
}

/** What every token of the quick start's login service says. */
export const login = ['--issuer', 'https://login.shop.example', '--audience', 'shop'] as const

/** The same signature under other claims. */
export function withClaims(jwt: string, change: object): string {
  const [header, payload, signature] = jwt.split('.')
  const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) as object
  return [header, Buffer.from(JSON.stringify({ ...claims, ...change })).toString('base64url'), signature].join('.')
}

/** A new API key; only its hash is written down. */
export const newApiKey = (): string => randomBytes(16).toString('hex')

/**
 * Writes what the quick start leaves to whoever tries it: the key set of the login service, and the hash of an API key
 * of the client `batch`.
 */
export async function writeCredentials(folder: string, dataHome: string | null, apiKey: string): Promise<void> {
  await writeFile(join(folder, 'login-keys.yaml'), await token(dataHome, '--jwks', '--config-map', 'shop/login-keys'))
  const keyHash = `sha256:${createHash('sha256').update(apiKey).digest('hex')}`
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'partner-keys', namespace: 'shop', labels: { 'gatehouse.dev/api-keys': 'shop' } },
    type: 'gatehouse.dev/api-keys',
    stringData: { batch: JSON.stringify({ keyHash, tenant: 'acme' }) },
  }
  await writeFile(join(folder, 'partner-keys.yaml'), stringify(secret), { mode: 0o600 })
}
