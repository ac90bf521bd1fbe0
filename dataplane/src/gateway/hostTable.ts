/** Values by hostname pattern: exact, `*.` wildcard or null for every host. */
export interface HostTable<T> {
  readonly exact: ReadonlyMap<string, T>
  /** By the pattern without its `*`: `.shop.example`. */
  readonly suffix: ReadonlyMap<string, T>
  readonly any: T | null
}

export function hostTable<T>(entries: Iterable<readonly [pattern: string | null, value: T]>): HostTable<T> {
  const exact = new Map<string, T>()
  const suffix = new Map<string, T>()
  let any: T | null = null
  for (const [pattern, value] of entries) {
    if (pattern === null) any = value
    else if (pattern.startsWith('*.')) suffix.set(pattern.slice(1), value)
    else exact.set(pattern, value)
  }
  return { exact, suffix, any }
}

/** Whether a value may be taken; a more general pattern is asked when it may not. */
export type Accept<T, C> = (value: T, context: C) => boolean

const always = (): boolean => true

/**
 * The value of the most specific pattern over a host: the host itself, then `*.` and ever shorter suffixes, then the one
 * for every host. A wildcard stands for one label or more (Gateway API).
 *
 * @param accept - passes over values that it does not hold for
 */
export function lookupHost<T, C>(table: HostTable<T>, host: string, accept: Accept<T, C>, context: C): T | null {
  const exact = table.exact.get(host)
  if (exact !== undefined && accept(exact, context)) return exact
  if (table.suffix.size > 0) {
    for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
      const found = table.suffix.get(host.slice(dot))
      if (dot > 0 && found !== undefined && accept(found, context)) return found
    }
  }
  return table.any !== null && accept(table.any, context) ? table.any : null
}

/** {@link lookupHost} for whatever is there. */
export const mostSpecific = <T>(table: HostTable<T>, host: string): T | null => lookupHost(table, host, always, null)
