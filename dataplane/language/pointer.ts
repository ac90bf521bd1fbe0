const plain = /^[\w$.-]{1,64}$/

/** One step of a JSON pointer (RFC 6901). A name that is not plain text is written as `?`, so that no pointer carries a value. */
export const step = (part: string | number): string =>
  `/${typeof part === 'number' || plain.test(part) ? String(part) : '?'}`

export const pointer = (path: readonly (string | number)[]): string => path.map(step).join('')
