const printable = /^[\x20-\x7e]*$/
/** What a header value can hold unquoted, without being trimmed on its way. */
const plain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/

/** A text as a header value of its own; null when a header cannot carry it. */
export const plainValue = (text: string): string | null => (plain.test(text) ? text : null)

/**
 * Texts as a List of Strings (RFC 9651 3.1, 3.3.3).
 *
 * @returns null when one of them has a character that a String cannot carry
 */
export function stringList(texts: readonly string[]): string | null {
  let list = ''
  for (const text of texts) {
    if (!printable.test(text)) return null
    list += `${list === '' ? '' : ', '}"${text.replaceAll(/["\\]/g, '\\$&')}"`
  }
  return list
}
