import { z } from 'zod'
import { revisionName, signedRevision } from './signedRevision.ts'
import { sealedResource } from './snapshot.ts'

/** The contract versions that this code speaks: a controller of version N serves data planes N and N−1. */
export const contractVersion = { min: 1, max: 1 } as const

/** WebSocket subprotocol of the push channel. */
export const pushProtocol = 'gatehouse-push.v1'

/** The audience of the tokens that data planes show. */
export const pushAudience = 'gatehouse-push'

/** The largest message either end accepts, in bytes. */
export const maxMessageBytes = 256 * 1024 * 1024

/** Data plane → controller, first: what it runs and what it can read. Never decides what it is served: its certificate does. */
export const hello = z.strictObject({
  type: z.literal('hello'),
  /** Distinguishes data planes in status; the Pod's name in a cluster. */
  instance: z.string().min(1).max(253),
  version: z.string().max(64),
  contract: z.strictObject({ min: z.int().min(1), max: z.int().min(1) }),
  /** The revision it holds; null = none. */
  revision: revisionName.nullable(),
  /** A service account token for {@link pushAudience}, which says that `instance` is its Pod; null = it has none. */
  token: z.string().min(1).max(16_384).nullable(),
})
export type Hello = z.infer<typeof hello>

/**
 * Controller → data plane: the difference to `base`, or everything when `base` is null, under the leader's statement. A
 * session begins with one also when nothing differs, so that the data plane knows the term.
 */
export const update = z.strictObject({
  type: z.literal('update'),
  ...signedRevision.shape,
  base: revisionName.nullable(),
  /** Only a snapshot made from fully synced caches is sent. */
  complete: z.literal(true),
  set: z.array(sealedResource),
  /** Keys (`kind/name`) to drop from `base`. */
  removed: z.array(z.string().min(3).max(700)),
})
export type Update = z.infer<typeof update>

/** Why a data plane could not build a resource; its unit answers `config-invalid` until a revision mends it. */
export const refusedReason = z.enum(['UnknownKind', 'UnknownField', 'InvalidValue', 'MissingReference', 'BuildFailed'])
export type RefusedReason = z.infer<typeof refusedReason>

const refusedResource = z.strictObject({
  /** `kind/name`. */
  resource: z.string().min(1).max(700),
  /** JSON pointer into the spec; empty = the whole. */
  field: z.string().max(512),
  reason: refusedReason,
})
export type RefusedResource = z.infer<typeof refusedResource>

/** Most open circuits that a data plane names. */
export const maxOpenCircuits = 64

/** A circuit breaker that lets nothing through, or only probes. */
const openCircuit = z.strictObject({
  /** `namespace/name` of the GatewayRoute. */
  route: z.string().min(3).max(320),
  rule: z.string().min(1).max(253),
  /** Name of the upstream resource. */
  upstream: z.string().min(1).max(700),
})
export type OpenCircuit = z.infer<typeof openCircuit>

/** Why a store of quotas did not do what it was asked: words for acks, status, logs and metrics (M19). */
export const storeFault = z.enum([
  'timeout',
  'saturated',
  'unreachable',
  'forbidden-address',
  'denied',
  'readonly',
  'moved',
  'loading',
  'out-of-memory',
  'cluster-down',
  'malformed',
  'refused',
])
export type StoreFault = z.infer<typeof storeFault>

/**
 * Data plane → controller: `revision` serves, except for what is refused. Said again, of the same revision, when what is
 * refused has changed, or which circuits are open, or how the store of quotas stands.
 */
export const ack = z.strictObject({
  type: z.literal('ack'),
  revision: revisionName,
  refused: z.array(refusedResource).max(1000),
  /** Absent = none; a data plane that has none to name says what one of the version before would. */
  openCircuits: z.array(openCircuit).max(maxOpenCircuits).optional(),
  /** Why the store of quotas cannot be counted in. Absent = it can, or there is none. */
  storeFault: storeFault.optional(),
})
export type Ack = z.infer<typeof ack>

/**
 * Why an update as a whole was not taken: integrity only. `StaleTerm` and `StaleSequence`: something later was taken
 * before. `RevisionConflict`: another revision was taken under the same term and sequence.
 */
export const nackReason = z.enum([
  'Malformed',
  'UnknownField',
  'BadSignature',
  'WrongInstallation',
  'StaleTerm',
  'StaleSequence',
  'RevisionConflict',
  'UnknownBase',
  'HashMismatch',
  'RevisionMismatch',
  'UnsupportedContract',
  'BuildFailed',
])
export type NackReason = z.infer<typeof nackReason>

/** Data plane → controller: the update was not taken and the old revision still serves. */
export const nack = z.strictObject({
  type: z.literal('nack'),
  /** Of the refused update; null when it could not be read. */
  revision: revisionName.nullable(),
  reason: nackReason,
})
export type Nack = z.infer<typeof nack>

/** Everything that a controller may receive. */
export const fromDataplane = z.discriminatedUnion('type', [hello, ack, nack])
export type FromDataplane = z.infer<typeof fromDataplane>

/** Everything that a data plane may receive. */
export const fromController = z.discriminatedUnion('type', [update])
export type FromController = z.infer<typeof fromController>

/** WebSocket close codes of the push channel (RFC 6455 7.4.2, private use). */
export const closeCode = {
  protocolError: 4400,
  /** The token of hello is missing, is not this data plane's, or cannot be checked now. */
  notAuthenticated: 4401,
  unsupportedContract: 4406,
  slowClient: 4408,
  shuttingDown: 4410,
  /** Another controller leads; the data plane goes on to the next address at once. */
  notLeader: 4421,
} as const
