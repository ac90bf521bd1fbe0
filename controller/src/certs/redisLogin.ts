import { createHash, randomBytes } from 'node:crypto'
import type { ObjectName } from '@gatehouse/contract'
import { destinationHosts } from '../compile/destinations.ts'
import { isStorePassword } from '../compile/storeLogins.ts'
import type { Secret } from '../kube/secrets.ts'
import { secretTypes } from '../world.ts'
import { changedAtAnnotation, secretLabels } from './names.ts'
import type { RenewOptions } from './renew.ts'

type RedisLoginOptions = Pick<RenewOptions, 'installation' | 'secrets' | 'clock' | 'log'> & {
  /** `host:port` of the Redis, the only place that the password is sent to. */
  readonly server: string
}

/** The Secret that the Redis of the chart and the Gatehouse both read. */
const redisSecretName = ({ name }: ObjectName): string => `${name}-redis`

const username = 'gatehouse'
/** All that data planes and `gatehouse quota` say to a store. */
const commands = '+eval +evalsha +time +get +set +del'

/**
 * The users of the Redis, as its `aclfile` reads them: nobody without a name, and one who reaches the keys of this
 * installation alone. The password is long and random, so that its plain hash tells nothing.
 */
export function redisUsers({ namespace, name }: ObjectName, password: string): string {
  const hash = createHash('sha256').update(password).digest('hex')
  const keys = `~gatehouse:{${namespace}/${name}}:*`
  return `user default reset\nuser ${username} reset on #${hash} ${keys} -@all ${commands}\n`
}

/** What is wrong with a Secret that only a person can change, after its name. */
const lacks = {
  FOREIGN: `is not of type ${secretTypes.quotaStore}, so it is left alone; remove it, or give the installation another name`,
  PASSWORD: 'has a password that data planes refuse, such as one with a line end; write another, or delete the Secret',
  BUSY: 'was changed by somebody else meanwhile; run this again',
} as const

function lackOf(found: Secret): 'FOREIGN' | 'PASSWORD' | null {
  if (found.type !== secretTypes.quotaStore) return 'FOREIGN'
  const password = found.data.get('password') ?? ''
  return password === '' || isStorePassword(password) ? null : 'PASSWORD'
}

/** Entries of the Secret that differ from what they should be; a password that there is stays. */
function dueEntries(installation: ObjectName, found: Secret | null): Readonly<Record<string, string>> {
  const known = found?.data.get('password') ?? ''
  const password = known === '' ? randomBytes(32).toString('base64url') : known
  const wanted = { username, password, 'users.acl': redisUsers(installation, password) }
  return Object.fromEntries(Object.entries(wanted).filter(([entry, text]) => found?.data.get(entry) !== text))
}

/**
 * Makes the login of the chart's own Redis where it is missing, and mends what is not as it should be. A password is
 * never changed, also one that somebody else chose in a Secret of this type.
 *
 * @returns what needs a person, as a sentence, and is left as it is; null = the login is there
 */
export async function renewRedisLogin(options: RedisLoginOptions): Promise<string | null> {
  const { installation, secrets, clock, log, server } = options
  const name = redisSecretName(installation)
  const object = `Secret ${installation.namespace}/${name}`
  const found = await secrets.get(name)
  const refused = (code: keyof typeof lacks): string => {
    log('certificates-refused', { object, code })
    return `${object} ${lacks[code]}.`
  }
  const lack = found && lackOf(found)
  if (lack !== null) return refused(lack)
  const data = dueEntries(installation, found)
  const moved = found?.annotations.get(destinationHosts) !== server
  if (Object.keys(data).length === 0 && !moved) return null
  const annotations = { [destinationHosts]: server, [changedAtAnnotation]: new Date(clock.now()).toISOString() }
  const written = found
    ? await secrets.update(found, { annotations, data })
    : await secrets.create({
        name,
        type: secretTypes.quotaStore,
        labels: secretLabels(installation),
        annotations,
        data,
      })
  if (written === 'conflict') return refused('BUSY')
  log('certificates-changed', { object, code: found ? 'MEND' : 'CREATE' })
  return null
}
