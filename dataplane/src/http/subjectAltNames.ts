/** The typed subject alternative names that policies can speak of. */
export interface SubjectAltNames {
  readonly uris: readonly string[]
  readonly dnsNames: readonly string[]
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
const dnsNameTag = 0x82
const uriTag = 0x86
/** 2.5.29.17 */
const subjectAltName = '551d11'
const visibleAscii = /^[\x21-\x7e]+$/

/**
 * Reads the subjectAltName extension (RFC 5280 4.2.1.6) from a certificate's DER. A printed form cannot be trusted to
 * tell the types apart, because a name may contain the text that separates names. A name with anything but visible
 * ASCII, such as NUL, is left out, so that it can match nothing.
 *
 * @throws RangeError when the DER is malformed
 */
export function subjectAltNames(certificate: Buffer): SubjectAltNames {
  const uris: string[] = []
  const dnsNames: string[] = []
  const names = extension(certificate, subjectAltName)
  if (names === null) return { uris, dnsNames }
  for (const name of elements(expect(element(names, 0), sequence))) {
    const text = name.content.toString('latin1')
    if (!visibleAscii.test(text)) continue
    if (name.tag === uriTag) uris.push(text)
    if (name.tag === dnsNameTag) dnsNames.push(text.toLowerCase())
  }
  return { uris, dnsNames }
}

/** @returns the DER inside the extension's OCTET STRING; null when the certificate has no such extension */
function extension(certificate: Buffer, id: string): Buffer | null {
  const toBeSigned = expect(element(expect(element(certificate, 0), sequence), 0), sequence)
  for (const field of elements(toBeSigned)) {
    if (field.tag !== extensionsTag) continue
    for (const entry of elements(expect(element(field.content, 0), sequence))) {
      const parts = elements(expect(entry, sequence))
      const oid = expect(parts[0], objectIdentifier)
      if (oid.toString('hex') === id) return expect(parts.at(-1), octetString)
    }
  }
  return null
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
