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
