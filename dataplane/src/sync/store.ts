import {
  fromController,
  resourceHash,
  resourceKey,
  sealedResource,
  snapshotAfter,
  snapshotOf,
  type Json,
  type NackReason,
  type SealedResource,
  type SignedRevision,
  type Snapshot,
  type Update,
} from '@gatehouse/contract'
import type { Steps } from '../slices.ts'
import { misplaced } from './signature.ts'

/** The most resources that a snapshot may hold: bounds what a sequence of differences can pile up. */
export const maxResources = 250_000

/** What is known before an update. */
export interface SyncState {
  /** What serves; null = nothing yet, or not the whole of it. */
  readonly snapshot: Snapshot | null
  /** The last statement that was believed; null = none. */
  readonly last: SignedRevision | null
}

/** Whom updates must come from and be for. */
export interface Expected {
  /** `namespace/name` of the installation that this data plane serves. */
  readonly installation: string
  readonly isSigned: (signed: SignedRevision) => boolean
}

/** What became of an update; `last` is the last statement that is believed after it. */
export type Applied =
  | {
      readonly outcome: 'applied'
      readonly snapshot: Snapshot
      readonly signed: SignedRevision
      readonly last: SignedRevision
    }
  | {
      readonly outcome: 'nack'
      readonly reason: NackReason
      readonly revision: string | null
      readonly last: SignedRevision | null
    }

/**
 * Applies a received text frame to what is held. Pure; believes nothing before the signature holds, takes all of the
 * update or nothing of it, and recomputes every hash and the revision. Resources that did not change keep their identity,
 * so that what was built from them can stay.
 */
export function* applyUpdate(frame: string, state: SyncState, expected: Expected): Steps<Applied> {
  const read = readUpdate(frame)
  const nack = (reason: NackReason, last = state.last): Applied => ({
    outcome: 'nack',
    reason,
    revision: read.revision,
    last,
  })
  yield
  if ('fault' in read) return nack(read.fault)
  const signed = signedPart(read.update)
  if (!expected.isSigned(signed)) return nack('BadSignature')
  if (signed.installation !== expected.installation) return nack('WrongInstallation')
  const fault = misplaced(signed, state.last)
  if (fault !== null) return nack(fault)
  // Whatever becomes of its content, what the leader stated before is no longer its word.
  const snapshot = yield* snapshotOfUpdate(read.update, state.snapshot)
  if (typeof snapshot === 'string') return nack(snapshot, signed)
  return { outcome: 'applied', snapshot, signed, last: signed }
}

const signedPart = ({ installation, term, sequence, revision, issuedAt, signature }: Update): SignedRevision => ({
  installation,
  term,
  sequence,
  revision,
  issuedAt,
  signature,
})

/** An update, or why it is none; `revision` is what it said of itself as far as that was readable. */
type Read = { readonly revision: string | null } & ({ readonly update: Update } | { readonly fault: NackReason })

function readUpdate(frame: string): Read {
  let value: unknown
  try {
    value = JSON.parse(frame)
  } catch {
    return { revision: null, fault: 'Malformed' }
  }
  const revision = saidRevision(value)
  const parsed = withinStack(() => fromController.safeParse(value))
  if (!parsed?.success) {
    const unknown = parsed?.error.issues.every((issue) => issue.code === 'unrecognized_keys') ?? false
    return { revision, fault: unknown ? 'UnknownField' : 'Malformed' }
  }
  // The value as received, not zod's copy: a hash covers what was sent, down to a member called `__proto__`.
  return { revision, update: value as Update }
}

function saidRevision(value: unknown): string | null {
  const said =
    typeof value === 'object' && value !== null
      ? (Object.getOwnPropertyDescriptor(value, 'revision')?.value as unknown)
      : undefined
  const parsed = sealedResource.shape.hash.safeParse(said)
  return parsed.success ? parsed.data : null
}

/** @returns what `read` returns; null when the value is nested deeper than the stack reaches */
export function withinStack<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

function* snapshotOfUpdate(update: Update, held: Snapshot | null): Steps<Snapshot | NackReason> {
  if (update.base !== null && update.base !== held?.revision) return 'UnknownBase'
  const unchanged = update.set.length === 0 && update.removed.length === 0 && update.revision === held?.revision
  if (update.base !== null && unchanged) return held
  const changes = yield* changesOf(update, held)
  if (typeof changes === 'string') return changes
  const base = update.base === null ? null : held
  const snapshot = base === null ? snapshotOf(changes) : snapshotAfter(base, changes, update.removed)
  if (snapshot.resources.size > maxResources) return 'Malformed'
  return snapshot.revision === update.revision ? snapshot : 'RevisionMismatch'
}

/** @returns the resources that the update sets, those that are the same as before with their identity; or what is wrong */
function* changesOf(update: Update, held: Snapshot | null): Steps<SealedResource[] | NackReason> {
  const base = update.base === null ? null : held
  const touched = new Set(update.removed)
  const absent = update.removed.some((key) => base?.resources.has(key) !== true)
  if (absent || touched.size < update.removed.length) return 'Malformed'
  const changes: SealedResource[] = []
  for (const resource of update.set) {
    yield
    const key = resourceKey(resource)
    if (touched.has(key)) return 'Malformed'
    touched.add(key)
    const hash = withinStack(() => resourceHash({ ...resource, spec: resource.spec as Json }))
    if (hash !== resource.hash) return hash === null ? 'Malformed' : 'HashMismatch'
    const before = held?.resources.get(key)
    changes.push(before?.hash === resource.hash ? before : resource)
  }
  return changes
}
