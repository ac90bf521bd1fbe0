import { note, type Note } from './findings.ts'

const octet = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const ipv4 = new RegExp(`^(${octet}\\.){3}${octet}/(3[0-2]|[12]?\\d)$`)

/**
 * Whether a text is an IPv4 or IPv6 range in CIDR form. The URL parser (RFC 3986 3.2.2) judges IPv6. An IPv4 range
 * written as IPv6 with the prefix of the IPv4 form (`::ffff:10.0.0.0/8`) is none: it would mean far more than it says.
 */
export function isRange(text: string): boolean {
  if (ipv4.test(text)) return true
  const parts = /^([0-9a-fA-F:.]+)\/(12[0-8]|1[01]\d|[1-9]?\d)$/.exec(text)
  if (!parts?.[1]?.includes(':')) return false
  const url = `http://[${parts[1]}]/`
  if (!URL.canParse(url)) return false
  return !new URL(url).hostname.startsWith('[::ffff:') || Number(parts[2]) >= 96
}

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
export const nowhere = '::/128'

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
