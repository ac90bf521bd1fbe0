import { dashed, mayChangeRequest, mayChangeResponse, type HeaderChange, type HeaderChanges } from '@gatehouse/contract'

/** Changes of a header section, made ready for one pass over it. */
export interface HeaderEdit {
  /** Dashed names whose fields do not go on; null = none. */
  readonly cleared: ReadonlySet<string> | null
  /** What is written instead and beside: lower-case name, value, name, value … */
  readonly written: readonly string[]
}

/** Whether a change may be made. */
type May = (name: string, change: HeaderChange) => boolean

/** @param taken - dashed names that only the gateway writes, or that credentials come in */
export const requestMay =
  (taken: ReadonlySet<string>): May =>
  (name, change) =>
    mayChangeRequest(name, change, taken)

/** @param taken - names that the gateway's own answer has already */
export const responseMay =
  (taken: ReadonlySet<string>): May =>
  (name, change) =>
    mayChangeResponse(name, change, taken)

/** Whether all of these changes may be made. */
export const mayAll = (changes: readonly (HeaderChanges | null)[], may: May): boolean =>
  changes.every(
    (one) =>
      one === null ||
      ([...one.set, ...one.add].every(({ name }) => may(name, 'write')) &&
        one.remove.every((name) => may(name, 'remove'))),
  )

/**
 * Changes that are made one after the other, as one.
 *
 * @returns null when nothing changes
 */
export function headerEdit(changes: readonly (HeaderChanges | null)[]): HeaderEdit | null {
  const cleared = new Set<string>()
  let written: (readonly [name: string, value: string])[] = []
  for (const one of changes) {
    if (one === null) continue
    const gone = new Set([...one.set.map(({ name }) => dashed(name)), ...one.remove.map(dashed)])
    for (const name of gone) cleared.add(name)
    written = written.filter(([name]) => !gone.has(dashed(name)))
    for (const { name, value } of [...one.set, ...one.add]) written.push([name, value])
  }
  if (cleared.size === 0 && written.length === 0) return null
  return { cleared: cleared.size === 0 ? null : cleared, written: written.flat() }
}
