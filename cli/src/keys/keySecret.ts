import type { Edit } from './entry.ts'

/** A Secret of API keys as it was read. */
export interface KeySecret {
  /** null = a file does not say. */
  readonly namespace: string | null
  readonly name: string
  /** By client id; null = not a text. */
  readonly entries: ReadonlyMap<string, string | null>
}

/** One change of one client. */
export interface Change {
  readonly client: string
  readonly edit: Edit
  /** Labels of a Secret that is not there yet; null = it must be there. */
  readonly labels: Readonly<Record<string, string>> | null
}

/** Where Secrets of API keys are. Rejects with a CommandError that says what is wrong. */
export interface KeyStore {
  /** Where a change goes, in words. */
  readonly place: string
  /** Changes one client, or nothing at all. */
  change(change: Change): Promise<void>
  /** Sorted by name. */
  read(): Promise<readonly KeySecret[]>
}

/** Where a change goes when the Secret is not there, and may not be made. */
export const missing = (place: string): string => `there is no Secret ${place}; gatehouse keys create makes it`
