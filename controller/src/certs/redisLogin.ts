import { createHash, randomBytes } from 'node:crypto'
import type { ObjectName } from '@gatehouse/contract'
import { destinationHosts } from '../compile/destinations.ts'
import type { Secret } from '../kube/secrets.ts'
import { secretTypes } from '../world.ts'
import { changedAtAnnotation, secretLabels } from './names.ts'
import type { RenewOptions } from './renew.ts'

type RedisLoginOptions = Pick<RenewOptions, 'installation' | 'secrets' | 'clock' | 'log'> & {
  /** `host:port` of the Redis, the only place that the password is sent to. */
  readonly server: string
}

/** The Secret that the Redis of the chart and the Gatehouse both read. */
export const redisSecretName = ({ name }: ObjectName): string => `${name}-redis`

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
 * @returns false when a Secret of another type has its name: that is left as it is, and needs a person
 */
export async function renewRedisLogin(options: RedisLoginOptions): Promise<boolean> {
  const { installation, secrets, clock, log, server } = options
  const name = redisSecretName(installation)
  const object = `Secret ${installation.namespace}/${name}`
  const found = await secrets.get(name)
  if (found !== null && found.type !== secretTypes.quotaStore) {
    log('certificates-refused', { object, code: 'FOREIGN' })
    return false
  }
  const data = dueEntries(installation, found)
  const moved = found?.annotations.get(destinationHosts) !== server
  if (Object.keys(data).length === 0 && !moved) return true
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
  if (written === 'written') log('certificates-changed', { object, code: found ? 'MEND' : 'CREATE' })
  return true
}
