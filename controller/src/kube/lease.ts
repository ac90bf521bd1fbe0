import type { Json } from '@gatehouse/contract'
import { integerOf, isMembers, member, textOf } from '../compile/raw.ts'
import { microTime } from '../microTime.ts'
import type { KubeObject } from './client.ts'

/** Name of a Lease. */
export interface LeaseName {
  readonly namespace: string
  readonly name: string
}

/** What a Lease says. */
export interface LeaseView {
  /** Null when nobody holds it. */
  readonly holder: string | null
  /** Milliseconds that the holder asked for; null when it says none. */
  readonly duration: number | null
  /** When its holder says that it last renewed, in milliseconds since the epoch; null when it says nothing. */
  readonly renewed: number | null
  /** `leaseTransitions`; 0 when it says none. */
  readonly term: number
  /** Changes with whatever the holder writes, and with nothing that others write beside it. */
  readonly mark: string
}

const apiVersion = 'coordination.k8s.io/v1'

/** Where the Leases of a namespace are. */
export const leasesPath = (namespace: string): string => `/apis/${apiVersion}/namespaces/${namespace}/leases`

export function leaseView(lease: KubeObject): LeaseView {
  const spec = lease['spec']
  const seconds = integerOf(member(spec, 'leaseDurationSeconds'))
  return {
    holder: textOf(member(spec, 'holderIdentity')) || null,
    duration: seconds === undefined ? null : seconds * 1000,
    renewed: timeOf(member(spec, 'renewTime')),
    term: integerOf(member(spec, 'leaseTransitions')) ?? 0,
    mark: JSON.stringify(spec ?? null),
  }
}

function timeOf(value: Json | undefined): number | null {
  const time = Date.parse(textOf(value) ?? '')
  return Number.isNaN(time) ? null : time
}

/** What a holder writes. */
export interface Holding {
  readonly identity: string
  readonly term: number
  /** Milliseconds. */
  readonly duration: number
  /** Milliseconds since the epoch. */
  readonly now: number
}

const withSpec = (lease: KubeObject, spec: KubeObject): KubeObject => {
  const before = lease['spec']
  return { ...lease, spec: { ...(isMembers(before) ? before : {}), ...spec } }
}

/** The Lease, held from now on. */
export const takenLease = (lease: KubeObject, { identity, term, duration, now }: Holding): KubeObject =>
  withSpec(lease, {
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(duration / 1000),
    leaseTransitions: term,
    acquireTime: microTime(now),
    renewTime: microTime(now),
  })

/** A Lease where there was none. */
export const newLease = ({ namespace, name }: LeaseName, holding: Holding): KubeObject =>
  takenLease({ apiVersion, kind: 'Lease', metadata: { namespace, name } }, holding)

export const renewedLease = (lease: KubeObject, now: number): KubeObject =>
  withSpec(lease, { renewTime: microTime(now) })

/** The Lease, held by nobody; the term stays, so that the next one is higher. */
export const releasedLease = (lease: KubeObject): KubeObject => withSpec(lease, { holderIdentity: null })

/** Seconds since the epoch at which terms begin to count. */
const firstSecond = Date.UTC(2026, 0, 1) / 1000
/** `leaseTransitions` has 31 bits. A clock may claim half of them, so that one that is wrong leaves terms to come. */
const latestSecond = 2 ** 30

/**
 * A term that is higher than every one before: by one, and at least the seconds since the year 2026 began. So a Lease
 * that was deleted, or restored from a backup, is followed by higher terms too.
 *
 * @param known - the highest term that is known of
 * @param now - milliseconds since the epoch
 */
export function nextTerm(known: number, now: number): number {
  const second = Math.floor(now / 1000) - firstSecond
  return Math.max(known + 1, second <= latestSecond ? second : 0)
}
