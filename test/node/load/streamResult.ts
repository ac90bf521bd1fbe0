/** What a client of streams is to do. */
export interface StreamOptions {
  readonly address: string
  readonly port: number
  /** Host and server name. */
  readonly host: string
  /** PEM of the authority of the listener's certificate. */
  readonly caFile: string
  readonly socketPath: string
  readonly callPath: string
  readonly downloadPath: string
  /** How many of each kind run at a time. */
  readonly parallel: number
  /** Milliseconds that each takes. */
  readonly milliseconds: number
  /** How many WebSockets are opened besides that go on until somebody else ends them. */
  readonly endless: number
}

/** When something began and ended; milliseconds since the epoch. */
export type Span = readonly [began: number, ended: number]

export const streamKinds = ['sockets', 'calls', 'downloads'] as const

export type StreamKind = (typeof streamKinds)[number]

/** What became of it. */
export interface StreamResult {
  /** Those that came whole to their own end. */
  readonly whole: { readonly [K in StreamKind]: readonly Span[] }
  /** How many did not, by kind and reason. */
  readonly lost: { readonly [reason: string]: number }
  /** Until their last answer. */
  readonly endless: readonly Span[]
}
