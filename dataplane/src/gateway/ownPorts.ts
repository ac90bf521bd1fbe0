import type { RefusedResource } from '@gatehouse/contract'
import type { Parsed, ParsedResources, ParseResult } from './parse.ts'

type Listener = Parsed<'listener'>

/**
 * Gives each plain HTTP listener a port of its own. Before the first request nothing tells the listeners of a plain port
 * apart, so the peers that one of them trusts would be believed on the hosts of all. Of two, the one whose name comes
 * later counts as unreadable (M7).
 */
export function withOwnPorts(read: ParseResult): ParseResult {
  const { parsed } = read
  const shared = sharing([...parsed.listener.values()])
  if (shared.length === 0) return read
  const names = new Set(shared.map(({ name }) => name))
  const listeners = new Map([...parsed.listener].filter(([name]) => !names.has(name)))
  const unreadable = { ...parsed.unreadable, listener: new Set([...parsed.unreadable.listener, ...names]) }
  const without: ParsedResources = { ...parsed, listener: listeners, unreadable }
  const refused = shared.map(({ name }): RefusedResource => {
    return { resource: `listener/${name}`, field: '/port', reason: 'InvalidValue' }
  })
  return { ...read, parsed: without, refused: [...read.refused, ...refused] }
}

function sharing(listeners: readonly Listener[]): Listener[] {
  const plain = listeners.filter(({ spec }) => spec.protocol === 'HTTP')
  const sorted = plain.sort((a, b) => (a.name < b.name ? -1 : 1))
  const taken = new Set<string>()
  return sorted.filter(({ spec: { address, port } }) => {
    const socket = JSON.stringify([address, port])
    if (taken.has(socket)) return true
    taken.add(socket)
    return false
  })
}
