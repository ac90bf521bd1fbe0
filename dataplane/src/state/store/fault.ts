import type { StoreFault } from '@gatehouse/contract'

/** By the first word of a server's error, which is its kind. */
const kinds: ReadonlyMap<string, StoreFault> = new Map([
  ['NOAUTH', 'denied'],
  ['WRONGPASS', 'denied'],
  ['NOPERM', 'denied'],
  ['READONLY', 'readonly'],
  ['MASTERDOWN', 'readonly'],
  ['MISCONF', 'readonly'],
  ['NOREPLICAS', 'readonly'],
  ['MOVED', 'moved'],
  ['ASK', 'moved'],
  ['LOADING', 'loading'],
  ['BUSY', 'loading'],
  ['OOM', 'out-of-memory'],
  ['CLUSTERDOWN', 'cluster-down'],
  ['TRYAGAIN', 'cluster-down'],
])

/** An error that a server said, in its own words. */
export class ServerError extends Error {}

/** A failure that was found here, and not said by a server. */
export class StoreError extends Error {
  readonly fault: StoreFault

  constructor(fault: StoreFault) {
    super(`the store failed: ${fault}`)
    this.fault = fault
  }
}

/** Any failure by its word. Of a server's text only the first word is looked at, and nothing is kept. */
export function faultOf(error: unknown): StoreFault {
  if (error instanceof StoreError) return error.fault
  return error instanceof ServerError ? (kinds.get(kindOf(error)) ?? 'refused') : 'unreachable'
}

const kindOf = ({ message }: Error): string => /^[A-Z]+/.exec(message.slice(0, 32))?.[0] ?? ''

/** Whether a server says that it does not know the script. */
export const lacksScript = (error: unknown): boolean => error instanceof ServerError && kindOf(error) === 'NOSCRIPT'

/** Where a node of a Cluster says that a key is; null = it says nothing of the kind. The host may be empty: its own. */
export function movedTo(error: unknown): { readonly host: string; readonly port: number } | null {
  if (!(error instanceof ServerError)) return null
  const [, host, port] = /^MOVED \d{1,5} (\S{0,253}):(\d{1,5})$/.exec(error.message) ?? []
  return host === undefined ? null : { host, port: Number(port) }
}
