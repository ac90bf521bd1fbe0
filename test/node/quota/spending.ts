/** What a client is to do. */
export interface SpendOptions {
  readonly address: string
  readonly port: number
  readonly host: string
  readonly caFile: string
  readonly path: string
  /** Requests a second. */
  readonly rate: number
  /** Milliseconds; windows begin at multiples of it since the epoch. */
  readonly window: number
}

/** What it was permitted. */
export interface Spending {
  /** By number of the window. */
  readonly sure: readonly (readonly [window: number, count: number])[]
  /** In one of two windows. */
  readonly unsure: readonly (readonly [window: number, count: number])[]
  readonly refused: number
  readonly failed: number
}
