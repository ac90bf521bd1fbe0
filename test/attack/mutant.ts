/** One change of the source. */
export interface Edit {
  /** Below dataplane/src. */
  readonly file: string
  /** Stands exactly once in the file. */
  readonly find: string
  readonly replace: string
}

/** A data plane with one check less. */
export interface Mutant {
  /** What the check does. */
  readonly check: string
  /** More than one where the check is made twice, and each would do. */
  readonly edits: readonly Edit[]
  /** Which attack file must turn red. */
  readonly attack: AttackClass
  /** Tried in the small run too. */
  readonly small?: true
}

export type AttackClass =
  | 'actions'
  | 'anomaly'
  | 'mirrors'
  | 'places'
  | 'revocations'
  | 'path'
  | 'matching'
  | 'listeners'
  | 'host'
  | 'headers'
  | 'clientAddress'
  | 'door'
  | 'webSocket'
  | 'framing'
  | 'desync'
  | 'faults'
  | 'http2'
  | 'http2Floods'
  | 'jwt'
  | 'apiKey'
  | 'mtls'
  | 'quota'
  | 'quotaStore'
  | 'sharedQuotas'
  | 'sharedUsage'
  | 'concurrency'
  | 'cors'
  | 'denyList'
  | 'authorization'
  | 'backendIdentity'
  | 'balancing'
  | 'introspection'
  | 'introspection.chaos'
  | 'throttle'
  | 'levels'
  | 'renegotiation'
  | 'shadow'
  | 'overload'
  | 'neighbours'
  | 'resilience'
  | 'storeFlood'
  | 'streams'
  | 'upstreamHost'
  | 'upstreamTls'
  | 'usage'
  | 'validationHead'
  | 'validationBody'

interface Taken {
  readonly check: string
  readonly find: string
  readonly replace?: string
  readonly small?: true
}

/** Mutants of one file that one class of attacks must kill; without `replace` the text is taken out. */
export const mutantsOf = (attack: AttackClass, file: string, taken: readonly Taken[]): Mutant[] =>
  taken.map(({ check, find, replace = '', small }) => ({
    check,
    attack,
    edits: [{ file, find, replace }],
    ...(small && { small }),
  }))
