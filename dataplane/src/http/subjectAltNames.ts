import { formatAddress, parseAddress } from '../address.ts'

/** The typed subject alternative names that policies can speak of. */
export interface SubjectAltNames {
  readonly uris: readonly string[]
  /** Lower case. */
  readonly dnsNames: readonly string[]
  /** One `@`, the domain in lower case. */
  readonly emails: readonly string[]
  /** Canonical. */
  readonly addresses: readonly string[]
}

/** One DER element: its identifier octet, its content, and where the next element begins. */
interface Element {
  readonly tag: number
  readonly content: Buffer
  readonly next: number
}

const sequence = 0x30
const objectIdentifier = 0x06
const octetString = 0x04
const extensionsTag = 0xa3
/** 2.5.29.17 */
const subjectAltName = '551d11'

const emailTag = 0x81
const dnsNameTag = 0x82
const uriTag = 0x86
const addressTag = 0x87

/** RFC 3986 3.1: a scheme, and nothing but visible ASCII. */
const uri = /^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]*$/
const label = '[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?'
/** No wildcard, no dot at the end, and no address: the last label is not a number. */
const dnsName = new RegExp(`^(${label}\\.)*(?![0-9]+$)${label}$`)
/** RFC 5321 4.1.2 without quoted local parts, which could hold a second `@`. */
const email = new RegExp(`^([A-Za-z0-9!#$%&'*+/=?^_\x60{|}~.-]{1,64})@((${label}\\.)*(?![0-9]+$)${label})$`)

/**
 * Reads the subjectAltName extension (RFC 5280 4.2.1.6) from a certificate's DER. A printed form cannot be trusted to
 * tell the types apart, because a name may contain the text that separates names. A name that has not the form of its
 * type, or holds anything but visible ASCII such as NUL, is left out, so that it can match nothing: no name of one type
 * looks like one of another. So are types that policies cannot speak of, otherName among them.
 *
 * @throws RangeError when the DER is malformed
 */
export function subjectAltNames(certificate: Buffer): SubjectAltNames {
  const found = { uris: [] as string[], dnsNames: [] as string[], emails: [] as string[], addresses: [] as string[] }
  for (const { tag, content } of generalNames(certificate)) {
    const text = content.toString('latin1')
    if (tag === uriTag && uri.test(text)) found.uris.push(text)
    if (tag === dnsNameTag && dnsName.test(text)) found.dnsNames.push(text.toLowerCase())
    const address = tag === emailTag ? email.exec(text) : null
    if (address !== null) found.emails.push(`${address[1]}@${address[2]?.toLowerCase()}`)
    if (tag === addressTag) found.addresses.push(...addressesOf(content))
  }
  return found
}

/**
 * The names for hosts in a server's certificate, in lower case: those of {@link subjectAltNames}, and those that begin
 * with `*.` and stand for one label more (RFC 9525 6.3).
 *
 * @throws RangeError when the DER is malformed
 */
export function serverNames(certificate: Buffer): readonly string[] {
  const found: string[] = []
  for (const { tag, content } of generalNames(certificate)) {
    const text = content.toString('latin1').toLowerCase()
    if (tag === dnsNameTag && dnsName.test(text.startsWith('*.') ? text.slice(2) : text)) found.push(text)
  }
  return found
}

function generalNames(certificate: Buffer): readonly Element[] {
  const names = extension(certificate, subjectAltName)
  return names === null ? [] : elements(expect(element(names, 0), sequence))
}

/** IPv4 in the form of IPv6 is no name that a certificate should have (RFC 5280: four octets), and none here. */
function addressesOf(octets: Buffer): readonly string[] {
  if (octets.length !== 4 && octets.length !== 16) return []
  const text = formatAddress(octets)
  return parseAddress(text)?.length === octets.length ? [text] : []
}

/** @returns the DER inside the extension's OCTET STRING; null when the certificate has no such extension */
function extension(certificate: Buffer, id: string): Buffer | null {
  let found: Buffer | null = null
  const toBeSigned = expect(element(expect(element(certificate, 0), sequence), 0), sequence)
  for (const field of elements(toBeSigned)) {
    if (field.tag !== extensionsTag) continue
    for (const entry of elements(expect(element(field.content, 0), sequence))) {
      const parts = elements(expect(entry, sequence))
      const oid = expect(parts[0], objectIdentifier)
      if (oid.toString('hex') !== id) continue
      // RFC 5280 4.2: an extension stands once, and two could be read as one or the other.
      if (found !== null) throw new RangeError('the certificate is malformed')
      found = expect(parts.at(-1), octetString)
    }
  }
  return found
}

function expect(found: Element | undefined, tag: number): Buffer {
  if (found?.tag !== tag) throw new RangeError('the certificate is malformed')
  return found.content
}

function elements(container: Buffer): Element[] {
  const found: Element[] = []
  for (let offset = 0; offset < container.length;) {
    const next = element(container, offset)
    found.push(next)
    offset = next.next
  }
  return found
}

function element(bytes: Buffer, offset: number): Element {
  const tag = bytes.readUInt8(offset)
  const first = bytes.readUInt8(offset + 1)
  let start = offset + 2
  let length = first
  if (first >= 0x80) {
    const octets = first - 0x80
    if (octets === 0 || octets > 4) throw new RangeError('the certificate is malformed')
    length = bytes.readUIntBE(start, octets)
    start += octets
  }
  const content = bytes.subarray(start, start + length)
  if (content.length !== length) throw new RangeError('the certificate is cut off')
  return { tag, content, next: start + length }
}
