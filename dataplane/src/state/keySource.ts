import type { VerificationKey } from './verificationKeys.ts'

/** Where verifying finds its keys. Everything but {@link KeySource.renew} answers at once from what is known. */
export interface KeySource {
  /**
   * The keys that may verify a signature.
   *
   * @param kid - must be the key's; null when the token names none: then every key of the algorithm may
   */
  find(kid: string | null, algorithm: string): readonly VerificationKey[]
  /** Whether the key of this id is still in the set. */
  has(id: string): boolean
  /** Asks for newer keys because none fits; ends at once when it is too soon to ask again. Never throws. */
  renew(): Promise<void>
  /** Seconds to wait when what is known cannot be relied on to be all; null when it can. */
  unavailableFor(): number | null
}
