/** What a client is to do. */
export interface LoadOptions {
  readonly address: string
  readonly port: number
  /** Host and server name. */
  readonly host: string
  /** PEM of the authority of the listener's certificate. */
  readonly caFile: string
  /** Asked in turn. */
  readonly paths: readonly string[]
  readonly uploadPath: string
  readonly downloadPath: string
  /** Requests a second. */
  readonly rate: number
  /** Milliseconds that a slow transfer takes. */
  readonly transfer: number
}

/** What became of it. */
export interface LoadResult {
  readonly requests: number
  readonly answered: number
  /** Slow transfers that came whole. */
  readonly transfers: number
  /** How many were lost, by kind of connection and reason. */
  readonly lost: { readonly [reason: string]: number }
}

export const lostIn = ({ lost }: LoadResult): number => Object.values(lost).reduce((sum, count) => sum + count, 0)
