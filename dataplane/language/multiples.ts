/** A decimal number without rounding: digits times a power of ten. */
interface Decimal {
  readonly digits: bigint
  readonly exponent: number
}

/** @param value - finite; what a double is written as is what it means */
function decimalOf(value: number | bigint): Decimal {
  if (typeof value === 'bigint') return { digits: value, exponent: 0 }
  const [mantissa = '', power = '0'] = String(value).split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  return { digits: BigInt(whole + fraction), exponent: Number(power) - fraction.length }
}

/** Whether a number is a multiple of another, in decimal: 19.99 is one of 0.01, although doubles cannot tell. */
export function isMultiple(value: number | bigint, of: number | bigint): boolean {
  if (Number.isSafeInteger(value) && Number.isSafeInteger(of)) return Number(value) % Number(of) === 0
  const a = decimalOf(value)
  const b = decimalOf(of)
  const scale = Math.min(a.exponent, b.exponent)
  return (a.digits * 10n ** BigInt(a.exponent - scale)) % (b.digits * 10n ** BigInt(b.exponent - scale)) === 0n
}
