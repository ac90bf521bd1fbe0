const units = { Ki: 1024, Mi: 1024 * 1024 } as const

/** Bytes of a quantity such as `4Mi`; what is none is 0. */
export function bytesOf(quantity: string): number {
  const [, count, unit] = /^(\d+)(Ki|Mi)$/.exec(quantity) ?? []
  return unit === undefined ? 0 : Number(count) * units[unit as keyof typeof units]
}
