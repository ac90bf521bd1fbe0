const unsafe = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/**
 * Text from outside, fit for a terminal: control characters, line separators and bidirectional overrides are written
 * as `\u....`, so that nothing in it can move the cursor, begin a line or hide a part of itself.
 */
export const plainText = (text: string): string =>
  text.replace(unsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** Indented JSON whose strings no terminal obeys, with a line end. */
export const plainJson = (value: unknown): string =>
  `${JSON.stringify(value, null, 2).split('\n').map(plainText).join('\n')}\n`
