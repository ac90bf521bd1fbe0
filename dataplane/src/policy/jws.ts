import { jsonObject, own } from './claims.ts'

/** Longer tokens are no tokens. */
const maxLength = 16 * 1024

/** Three base64url parts (RFC 7515 7.1); the last may be empty, as an unsigned token's is. */
const compact = /^([\w-]+)\.([\w-]+)\.[\w-]*$/

export const hasJwsForm = (text: string): boolean => compact.test(text)

/** What a token says of itself before anything is verified. */
export interface UnverifiedJws {
  readonly header: Record<string, unknown>
  /** The `iss` claim when it is a string; null otherwise. */
  readonly issuer: string | null
}

/** @returns null when the text is no JWS, or its header or payload is no JSON object */
export function decodeJws(text: string): UnverifiedJws | null {
  const parts = text.length <= maxLength ? compact.exec(text) : null
  if (parts === null) return null
  const header = jsonObject(utf8(parts[1]!) ?? '')
  const claims = jsonObject(utf8(parts[2]!) ?? '')
  if (header === null || claims === null) return null
  const issuer = own(claims, 'iss')
  return { header, issuer: typeof issuer === 'string' ? issuer : null }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function utf8(base64url: string): string | null {
  try {
    return decoder.decode(Buffer.from(base64url, 'base64url'))
  } catch {
    return null
  }
}

/** The text of verified bytes; null when they are not UTF-8. */
export function utf8Text(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes)
  } catch {
    return null
  }
}
