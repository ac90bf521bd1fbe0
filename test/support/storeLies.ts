/** Numbers as a store says them. */
export const numbers = (...values: readonly (number | string)[]): string =>
  `*${values.length}\r\n${values.map((value) => `:${value}\r\n`).join('')}`

/**
 * What a store says to a phase of one quota that costs 1, of which at most 5 are taken, and cannot be true.
 *
 * @param limit - of the quota, more than 8
 */
export const storeLies = (limit: number): Readonly<Record<string, string>> => ({
  'says nothing': '$-1\r\n',
  'says OK': '+OK\r\n',
  'says a number': ':1\r\n',
  'says an empty list': '*0\r\n',
  'says too little': numbers(1),
  'says too much': numbers(1, 1, 0, 9, 0, 1),
  'says of two what it was asked of one': numbers(1, 1, 0, 9, 0, 1, 0, 9, 0),
  'says words': '*5\r\n$1\r\n1\r\n$1\r\n1\r\n$1\r\n0\r\n$3\r\nNaN\r\n$1\r\n0\r\n',
  'counts below nothing': numbers(1, -1, 0, 9, 0),
  'has less than nothing left': numbers(1, 1, 0, -1, 0),
  'owes time': numbers(1, 1, -1, 9, 0),
  'counts beyond whole numbers': numbers(1, 1, 0, 9, '9223372036854775807'),
  'has more left than there is': numbers(1, 1, 0, limit + 1, 0),
  'gives out more than was asked for': numbers(1, 6, 0, 4, 0),
  'takes less than it costs': numbers(1, 0, 0, 9, 0),
  'passes and waits': numbers(1, 1, 5, 9, 0),
  'refuses without a wait': numbers(0, 0, 0, 0, 0),
  'refuses and takes': numbers(0, 1, 5, 0, 0),
  'passes twice': numbers(2, 1, 0, 9, 0),
  'says neither yes nor no': numbers(2, 0, 5, 0, 0),
  'puts an error into a list': '*5\r\n:1\r\n-ERR no\r\n:0\r\n:9\r\n:0\r\n',
  'puts a list into a list': `*5\r\n:1\r\n${numbers(1)}:0\r\n:9\r\n:0\r\n`,
  'does not know itself': '-NOSCRIPT no\r\n',
})
