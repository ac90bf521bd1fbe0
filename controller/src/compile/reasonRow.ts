/** What a condition states; those from PartiallyInvalid on are good when absent. */
export const conditionTypes = [
  'Accepted',
  'ResolvedRefs',
  'Protected',
  'Programmed',
  'PartiallyInvalid',
  'Conflicted',
  'Overridden',
  'AddressesUnknown',
  'KeysExpiring',
  'KeysExpired',
  'CircuitOpen',
  'QuotaStoreUnavailable',
] as const
export type ConditionType = (typeof conditionTypes)[number]

export type ConditionStatus = 'True' | 'False' | 'Unknown'

/** One row of the reason table. */
export interface ReasonRow {
  /** The condition types that it may stand under, and the status that it means there. */
  readonly under: { readonly [T in ConditionType]?: ConditionStatus }
  /** The whole sentence, before the field paths. No value and no exception text ever becomes part of it (M19). */
  readonly message: string
  /** True when a person must act, so that an Event is due. */
  readonly event: boolean
}
