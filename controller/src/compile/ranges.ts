import { isRange } from '@gatehouse/crds'
import { note, type Note } from './findings.ts'

/**
 * The bits that all addresses of a range begin with, behind its family: one range contains another when the other's
 * prefix begins with its own.
 *
 * @param range - for which {@link isRange} holds
 */
export function prefixOf(range: string): string {
  const [address = '', bits] = range.split('/')
  const octets = address.includes(':') ? ipv6Octets(address) : address.split('.').map(Number)
  const mapped = octets.length === 16 && octets.slice(0, 12).join() === '0,0,0,0,0,0,0,0,0,0,255,255'
  const own = mapped ? octets.slice(12) : octets
  const binary = own.map((octet) => octet.toString(2).padStart(8, '0')).join('')
  return `${own.length}:${binary.slice(0, Number(bits) - (mapped ? 96 : 0))}`
}

function ipv6Octets(address: string): readonly number[] {
  // The URL parser writes every address in groups of hex digits, compressed once at most.
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::')
  const groups = (text: string): readonly number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
  const [before, after] = [groups(head), groups(tail ?? '')]
  const between = Array.from({ length: 8 - before.length - after.length }, () => 0)
  return [...before, ...between, ...after].flatMap((group) => [group >> 8, group & 255])
}

/** Contains no address that anything is served at. */
const nowhere = '::/128'

/** All addresses. */
export const everywhere: readonly string[] = ['0.0.0.0/0', '::/0']

/** The ranges of a list that are ranges, and a note on those that are not. */
export function soundRanges(
  ranges: readonly string[],
  at: string,
): { readonly ranges: readonly string[]; readonly notes: readonly Note[] } {
  const bad = ranges.flatMap((range, index) => (isRange(range) ? [] : [`${at}/${index}`]))
  if (bad.length === 0) return { ranges, notes: [] }
  return { ranges: ranges.filter(isRange), notes: [note('PartiallyInvalid', 'InvalidRange', ...bad)] }
}

/** Like {@link soundRanges} for a list that restricts: one without a sound range must not become "anywhere". */
export function restrictingRanges(ranges: readonly string[], at: string): ReturnType<typeof soundRanges> {
  const sound = soundRanges(ranges, at)
  return ranges.length > 0 && sound.ranges.length === 0 ? { ...sound, ranges: [nowhere] } : sound
}
