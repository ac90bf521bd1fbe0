import { createHash, randomInt } from 'node:crypto'
import { crc32 } from 'node:zlib'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const prefix = 'ghk_'
/** 32 characters of 62 are 190 bits. */
const length = 32
/** 6 characters hold every CRC-32. */
const checkLength = 6

function base62(value: number): string {
  let rest = value
  let text = ''
  for (let index = 0; index < checkLength; index++) {
    text = `${alphabet[rest % alphabet.length]}${text}`
    rest = Math.floor(rest / alphabet.length)
  }
  return text
}

/** What a scanner can tell a key by without knowing any: one of four billion other texts of its form passes. */
const checksum = (body: string): string => base62(crc32(body))

/** A new API key: `ghk_`, 190 random bits and the CRC-32 of them, both in base 62. @param random - below its argument */
export function newKey(random: (below: number) => number = randomInt): string {
  const body = Array.from({ length }, () => alphabet[random(alphabet.length)]).join('')
  return `${prefix}${body}${checksum(body)}`
}

/** What a Secret holds of a key. */
export const hashOf = (key: string): string => `sha256:${createHash('sha256').update(key, 'utf8').digest('hex')}`
