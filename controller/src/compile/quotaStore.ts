import type { QuotaStore, Resource } from '@gatehouse/contract'
import type { GatehouseSpec } from '@gatehouse/crds'
import { objectKey, type WorldObject } from '../world.ts'
import { mayBeSentTo } from './destinations.ts'
import { note, placeWith, type Note } from './findings.ts'
import { unresolvedNote, type References } from './references.ts'
import { sealOnce, type Sealed } from './seal.ts'
import { storeLoginsOf, type StoreLogins } from './storeLogins.ts'
import { trustBundle } from './trust.ts'

type Redis = NonNullable<GatehouseSpec['quotaStore']['redis']>

/** Where an installation counts together: `none` by its own choice, `broken` for what the notes say. */
export interface StoreView {
  readonly state: 'none' | 'broken' | 'ready'
  readonly resources: readonly Sealed[]
  readonly notes: readonly Note[]
}

const at = '/spec/quotaStore/redis'

/** Nobody logs in. */
const nobody: StoreLogins = { store: null, sentinels: null }

/** What a Gatehouse says of its store. One that cannot be made is not there, and quotas that need it are broken (M7). */
export function quotaStoreOf(gatehouse: WorldObject, { quotaStore }: GatehouseSpec, references: References): StoreView {
  const { redis } = quotaStore
  if (redis === undefined) return { state: 'none', resources: [], notes: [] }
  const logins = loginsFor(gatehouse, redis, references)
  if ('reason' in logins && logins.reason !== 'NotInFolder') return { state: 'broken', resources: [], notes: [logins] }
  // What is kept out of a folder on purpose says nothing about the cluster.
  const [login, missing] = 'reason' in logins ? [nobody, [logins]] : [logins, []]
  const trusted = redis.tls?.caCertificateRefs
  const trust = trusted && trustBundle(references, gatehouse.meta.namespace, trusted, `${at}/tls/caCertificateRefs`)
  const spec: QuotaStore = {
    installation: objectKey(gatehouse.meta),
    topology: topologyOf(redis, login),
    tls: redis.tls ? { anchors: trust ? [...trust.anchors] : null, hostname: redis.tls.hostname ?? null } : null,
    login: login.store,
  }
  const resource: Resource = { kind: 'quotaStore', name: 'quota-store', spec }
  return { state: 'ready', resources: [sealOnce(gatehouse, resource)], notes: [...missing, ...(trust?.notes ?? [])] }
}

function topologyOf({ topology, servers, primary }: Redis, { sentinels }: StoreLogins): QuotaStore['topology'] {
  const list = servers.map(({ host, port }) => ({ host, port }))
  if (topology === 'Cluster') return { type: 'Cluster', nodes: list }
  // What the schema asks of the other two.
  return topology === 'Sentinel'
    ? { type: 'Sentinel', sentinels: list, primary: primary ?? '', login: sentinels }
    : { type: 'Single', server: list[0]! }
}

/** The credentials, or what is wrong: they go only where their Secret says (M12). */
function loginsFor(gatehouse: WorldObject, { secretRef, servers }: Redis, references: References): StoreLogins | Note {
  if (secretRef === undefined) return nobody
  const found = references.quotaStore(gatehouse.meta.namespace, secretRef.name)
  if (!found.ok) return unresolvedNote(found, `${at}/secretRef`)
  const barred = servers.findIndex(({ host, port }) => !mayBeSentTo(found.value, `https://${host}:${port}`))
  if (barred >= 0)
    return note('ResolvedRefs', 'DestinationNotAllowed', placeWith(`${at}/secretRef`, `servers/${barred}`))
  return storeLoginsOf(found.value) ?? note('ResolvedRefs', 'InvalidStoreSecret', `${at}/secretRef`)
}
