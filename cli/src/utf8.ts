const decoder = new TextDecoder('utf-8', { fatal: true })

/** The text that bytes stand for, without a byte order mark; null when they are no UTF-8. */
export function utf8Text(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes)
  } catch {
    return null
  }
}
