/** A media type as a request states it (RFC 9110 8.3.1). */
export interface MediaType {
  /** `type/subtype` in lower case. */
  readonly type: string
  /** In lower case; null = not stated. */
  readonly charset: string | null
}

const token = "[\\w!#$%&'*+.^`|~-]+"
const form = new RegExp(
  `^(${token}/${token})((?:[ \\t]*;[ \\t]*(?:${token}=(?:${token}|"[\\t \\x21\\x23-\\x5b\\x5d-\\x7e]*"))?)*)$`,
)
const parameter = new RegExp(`;[ \\t]*(${token})=(?:(${token})|"([^"]*)")`, 'g')

/**
 * The one reading of Content-Type. Whatever two readers could take for different types is none: two headers, garbage, a
 * parameter twice, an escape in a parameter.
 *
 * @param values - of the header, in order of appearance
 */
export function mediaTypeOf(values: readonly string[] | undefined): MediaType | null {
  if (values?.length !== 1) return null
  const parts = form.exec(values[0]!)
  if (parts === null) return null
  const parameters = new Map<string, string>()
  for (const [, name, bare, quoted] of parts[2]!.matchAll(parameter)) {
    const key = name!.toLowerCase()
    if (parameters.has(key)) return null
    parameters.set(key, (bare ?? quoted ?? '').toLowerCase())
  }
  return { type: parts[1]!.toLowerCase(), charset: parameters.get('charset') ?? null }
}

/** Whether bodies of this type are JSON (RFC 8259, RFC 6839 3.1). */
export const isJsonType = (type: string): boolean => type === 'application/json' || type.endsWith('+json')

/** Whether a JSON body of this type is read as what it is: JSON is UTF-8 (RFC 8259 8.1). */
export const isUtf8 = ({ charset }: MediaType): boolean => charset === null || charset === 'utf-8'
