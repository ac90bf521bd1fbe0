import { generateKeyPairSync } from 'node:crypto'
import { tokenKeysIn, tokenKeysSecret, tokenKeysType, type TokenKey } from '../compile/tokenKeys.ts'
import type { Changes } from '../kube/secrets.ts'
import { changedAtAnnotation, secretLabels } from './names.ts'
import type { RenewOptions } from './renew.ts'

type TokenKeyOptions = Omit<RenewOptions, 'source' | 'mint'>

const hour = 3_600_000
const day = 24 * hour

/** In milliseconds: how long a key signs, and how long before it does backends can fetch it. */
const use = 30 * day
const ahead = day
/** How long after its last token a key can still be fetched: tokens live for a minute, clocks may differ. */
const after = hour

/** A new Ed25519 key, PKCS#8 PEM. */
const makeKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

/** The entries of a Secret with its first key, which signs at once. @param now - milliseconds since the epoch */
export const firstTokenKey = (now: number): Readonly<Record<string, string>> => ({ [`${now}.pem`]: makeKey() })

/**
 * What is due: the next key, a day before it signs, and the end of those that no longer do.
 *
 * @param keys - the oldest first
 * @param now - milliseconds since the epoch
 */
export function dueTokenKeys(keys: readonly TokenKey[], now: number): Changes {
  const newest = keys.at(-1)!
  const next = newest.from + use - ahead <= now ? { [`${now + ahead}.pem`]: makeKey() } : {}
  const over = keys.filter((_, index) => (keys[index + 1]?.from ?? Infinity) + after <= now)
  return { ...next, ...Object.fromEntries(over.map(({ from }) => [`${from}.pem`, null])) }
}

/**
 * Makes the Secret with the keys that sign requests to backends where it is missing, and does what is due. What somebody
 * else made under its name is left as it is.
 */
export async function renewTokenKeys(options: TokenKeyOptions): Promise<void> {
  const { installation, secrets, clock, log, mayCreate, mayWrite } = options
  const name = tokenKeysSecret(installation)
  const object = `Secret ${installation.namespace}/${name}`
  const found = await secrets.get(name)
  const now = clock.now()
  const annotations = { [changedAtAnnotation]: new Date(now).toISOString() }
  if (found === null) {
    if (!mayCreate || !mayWrite()) return
    await secrets.create({
      name,
      type: tokenKeysType,
      labels: secretLabels(installation),
      annotations,
      data: firstTokenKey(now),
    })
    log('certificates-changed', { object, code: 'CREATE' })
    return
  }
  const keys = found.type === tokenKeysType ? tokenKeysIn([...found.data]) : null
  if (keys === null) {
    log('certificates-refused', { object, code: 'FOREIGN' })
    return
  }
  const changes = dueTokenKeys(keys, now)
  if (Object.keys(changes).length === 0 || !mayWrite()) return
  if ((await secrets.update(found, { annotations, data: changes })) === 'written')
    log('certificates-changed', { object, code: 'ROTATE' })
}
