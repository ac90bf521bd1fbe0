import { dashed, isReservedInRequests } from '@gatehouse/contract'

/** What the forwarder does with a header of a request. */
export type HeaderUse = 'pass' | 'drop' | 'frame'

/** A header name as the rules see it. */
export interface HeaderClass {
  readonly use: HeaderUse
  /** Lower case, with `-` for all that is no letter or digit: backends that speak CGI cannot tell them apart. */
  readonly name: string
}

/** Sorts header names of one installation. */
export type HeaderRules = (name: string) => HeaderClass

/** Names are the client's choice, so the memory of them is bounded. */
const maxRemembered = 1000

/**
 * @param identityHeaders - lower-case names that only the gateway may write
 */
export function headerRules(identityHeaders: readonly string[]): HeaderRules {
  const identity = new Set(identityHeaders.map(dashed))
  const remembered = new Map<string, HeaderClass>()
  return (raw) => {
    const known = remembered.get(raw)
    if (known !== undefined) return known
    const name = dashed(raw)
    const fresh = { name, use: useOf(raw, name, identity) }
    if (remembered.size < maxRemembered) remembered.set(raw, fresh)
    return fresh
  }
}

function useOf(raw: string, name: string, identity: ReadonlySet<string>): HeaderUse {
  // Another spelling frames nothing here, and could at the backend.
  if (name === 'content-length') return raw.toLowerCase() === name ? 'frame' : 'drop'
  return isReservedInRequests(name) || identity.has(name) ? 'drop' : 'pass'
}

/** @returns the field names that a Connection header nominates, dashed; null when it names only connection options */
export function nominated(values: readonly string[] | undefined): ReadonlySet<string> | null {
  let names: Set<string> | null = null
  if (values === undefined) return null
  for (const value of values) {
    if (value === 'keep-alive') continue
    for (const option of value.split(',')) {
      const name = dashed(option.trim())
      if (name === '' || name === 'close' || name === 'keep-alive') continue
      names ??= new Set()
      names.add(name)
    }
  }
  return names
}
