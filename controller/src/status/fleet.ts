import type { SealedResource } from '@gatehouse/contract'
import { sentence } from '../compile/findings.ts'
import type { ConditionReason } from '../compile/reasons.ts'
import type { Finding } from '../compile/verdict.ts'
import type { SessionState } from '../push/sessions.ts'
import type { Circuits } from './circuits.ts'
import { plain, type FleetFigures } from './fleetFigures.ts'
import type { StoreOutage } from './storeOutage.ts'

/** What is known of the data planes at one moment. */
export interface Fleet {
  /** How many should serve: the ready endpoints of their own Service; in development the sessions. */
  readonly expected: number
  readonly sessions: readonly SessionState[]
  /** The revision that they should serve: that of the compilation whose verdicts are written. */
  readonly revision: string
  /** Whether the leader has just changed, so that a data plane that is not here may well be serving. */
  readonly settling: boolean
  /** Among how many limits are divided that hold for all of them together. */
  readonly dividedBy: number
  /** What is said of their circuits for now; absent = what holds at this moment. */
  readonly circuits?: Circuits
  /** What is said of their store for now; absent = what holds at this moment. */
  readonly storeOutage?: StoreOutage
  /** What is said of all of them for now; absent = what holds at this moment. */
  readonly said?: FleetFigures
  /** The resources of a revision that was sent, by key; null when it is no longer remembered. */
  contentOf(revision: string): ReadonlyMap<string, Pick<SealedResource, 'hash'>> | null
}

type Content = ReturnType<Fleet['contentOf']>

/** What one data plane has of some resources: all of them as wanted, an older form, or a refusal and its words. */
type Held = 'current' | 'behind' | readonly string[]

function heldBy(session: SessionState, keys: readonly string[], wanted: Content, held: Content): Held {
  const current = keys.every((key) => {
    const hash = wanted?.get(key)?.hash
    return hash !== undefined && hash === held?.get(key)?.hash
  })
  if (!current) return session.nack ? [session.nack.reason] : 'behind'
  const refused = session.refused.filter(({ resource }) => keys.includes(resource))
  if (refused.length === 0) return 'current'
  return refused.map(({ resource, field, reason }) => `${reason} ${plain(resource)} ${plain(field)}`.trimEnd())
}

const finding = (reason: ConditionReason, at: readonly string[] = []): Finding => ({
  type: 'Programmed',
  status: reason === 'Programmed' ? 'True' : 'False',
  reason,
  message: sentence(reason, at),
})

/**
 * Whether every ready data plane serves these resources. One that still serves an older revision counts when the
 * resources are the same there, so a change elsewhere does not touch this object. One that serves nothing yet is not
 * waited for.
 *
 * @param keys - resources that the object depends on; none = its socket is closed
 */
export function programmed(keys: readonly string[], fleet: Fleet): Finding {
  if (keys.length === 0) return finding('ListenerNotReady')
  if (fleet.expected === 0) return finding('NoDataPlanes')
  const wanted = fleet.contentOf(fleet.revision)
  const serving = fleet.sessions.filter(({ revision, nack }) => revision !== null || nack !== null)
  const held = serving.map((session) => {
    const content = session.revision === null ? null : fleet.contentOf(session.revision)
    return heldBy(session, keys, wanted, content)
  })
  const refused = held.filter((one) => typeof one !== 'string').flat()
  if (refused.length > 0) return finding('RefusedByDataPlane', refused.sort())
  const behind = held.includes('behind') || serving.length < fleet.expected
  return finding(behind ? 'Reconciling' : 'Programmed')
}
