import type { RefusedResource } from '@gatehouse/contract'
import type { Parsed, ParsedResources, ParseResult } from './parse.ts'
import { socketOf } from './socket.ts'

type Listener = Parsed<'listener'>

/**
 * Gives each listener of a socket a hostname of its own, which is what tells them apart. Of two with the same, the one
 * whose name comes later counts as unreadable (M7).
 */
export function withOwnHosts(read: ParseResult): ParseResult {
  const { parsed } = read
  const twins = twinsAmong([...parsed.listener.values()])
  if (twins.length === 0) return read
  const names = new Set(twins.map(({ name }) => name))
  const listeners = new Map([...parsed.listener].filter(([name]) => !names.has(name)))
  const unreadable = { ...parsed.unreadable, listener: new Set([...parsed.unreadable.listener, ...names]) }
  const without: ParsedResources = { ...parsed, listener: listeners, unreadable }
  const refused = twins.map(({ name }): RefusedResource => {
    return { resource: `listener/${name}`, field: '/hostname', reason: 'InvalidValue' }
  })
  return { ...read, parsed: without, refused: [...read.refused, ...refused] }
}

function twinsAmong(listeners: readonly Listener[]): Listener[] {
  const sorted = listeners.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const taken = new Set<string>()
  return sorted.filter(({ spec }) => {
    const place = `${spec.hostname ?? ''} ${socketOf(spec)}`
    if (taken.has(place)) return true
    taken.add(place)
    return false
  })
}
