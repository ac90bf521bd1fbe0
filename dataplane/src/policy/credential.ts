import { hash } from 'node:crypto'

/** A credential as it was presented: where, and what. */
export interface Presented {
  readonly text: string
  /** SHA-256 of its UTF-8 bytes, lower-case hex. */
  readonly digest: string
}

export const presented = (text: string): Presented => ({ text, digest: hash('sha256', text, 'hex') })
