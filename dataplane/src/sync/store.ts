import {
  fromController,
  resourceHash,
  resourceKey,
  revisionOf,
  sealedResource,
  type NackReason,
  type SealedResource,
  type Snapshot,
  type Update,
} from '@gatehouse/contract'
import type { Json } from '@gatehouse/contract'

/** The most resources that a snapshot may hold: bounds what a sequence of differences can pile up. */
export const maxResources = 250_000

/** Where a session stands. */
export interface SyncState {
  /** What serves; null = nothing yet. */
  readonly snapshot: Snapshot | null
  /** The sequence of the last update of this session; 0 at its start. */
  readonly sequence: number
}

/** What became of an update; `sequence` is the session's position after it. */
export type Applied =
  | { readonly outcome: 'applied'; readonly snapshot: Snapshot; readonly sequence: number }
  | {
      readonly outcome: 'nack'
      readonly reason: NackReason
      readonly revision: string | null
      readonly sequence: number
    }

/**
 * Applies a received text frame to what is held. Pure; takes all of the update or nothing of it, and recomputes every
 * hash and the revision. Resources that did not change keep their identity, so that what was built from them can stay.
 *
 * @param installation - `namespace/name` of the installation that this data plane serves
 */
export function applyUpdate(frame: string, state: SyncState, installation: string): Applied {
  const read = readUpdate(frame)
  const expected = state.sequence + 1
  // What says no number is taken for the one awaited. A number ahead is refused but counted, so that what is sent after
  // the nack is in order again.
  const sequence = Math.max(state.sequence, read.sequence ?? expected)
  const nack = (reason: NackReason): Applied => ({ outcome: 'nack', reason, revision: read.revision, sequence })
  if ('fault' in read) return nack(read.fault)
  const { update } = read
  if (update.installation !== installation) return nack('WrongInstallation')
  if (update.sequence !== expected) return nack('WrongSequence')
  if (update.base !== null && update.base !== state.snapshot?.revision) return nack('UnknownBase')
  const resources = merge(update, state.snapshot)
  if (typeof resources === 'string') return nack(resources)
  if (revisionOf(resources.values()) !== update.revision) return nack('RevisionMismatch')
  return { outcome: 'applied', snapshot: { revision: update.revision, resources }, sequence }
}

/** An update, or why it is none; `revision` and `sequence` are what it said of itself as far as that was readable. */
type Read = { readonly revision: string | null; readonly sequence: number | null } & (
  { readonly update: Update } | { readonly fault: NackReason }
)

function readUpdate(frame: string): Read {
  let value: unknown
  try {
    value = JSON.parse(frame)
  } catch {
    return { revision: null, sequence: null, fault: 'Malformed' }
  }
  const said = { revision: saidRevision(value), sequence: saidSequence(value) }
  const parsed = withinStack(() => fromController.safeParse(value))
  if (!parsed?.success) {
    const unknown = parsed?.error.issues.every((issue) => issue.code === 'unrecognized_keys') ?? false
    return { ...said, fault: unknown ? 'UnknownField' : 'Malformed' }
  }
  // The value as received, not zod's copy: a hash covers what was sent, down to a member called `__proto__`.
  return { ...said, update: value as Update }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined
}

function saidRevision(value: unknown): string | null {
  const parsed = sealedResource.shape.hash.safeParse(member(value, 'revision'))
  return parsed.success ? parsed.data : null
}

function saidSequence(value: unknown): number | null {
  const sequence = member(value, 'sequence')
  return Number.isSafeInteger(sequence) ? Number(sequence) : null
}

/** @returns what `read` returns; null when the value is nested deeper than the stack reaches */
function withinStack<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** @returns the resources after the update, or why there are none */
function merge(update: Update, held: Snapshot | null): Map<string, SealedResource> | NackReason {
  const resources = new Map(update.base === null ? [] : held?.resources)
  for (const key of update.removed) if (!resources.delete(key)) return 'Malformed'
  const touched = new Set(update.removed)
  for (const received of update.set) {
    const key = resourceKey(received)
    if (touched.has(key)) return 'Malformed'
    touched.add(key)
    const hash = withinStack(() => resourceHash({ ...received, spec: received.spec as Json }))
    if (hash !== received.hash) return hash === null ? 'Malformed' : 'HashMismatch'
    const before = held?.resources.get(key)
    resources.set(key, before?.hash === received.hash ? before : received)
  }
  return resources.size > maxResources ? 'Malformed' : resources
}
