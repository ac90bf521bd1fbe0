import { z } from 'zod'

/** How many entries a list may have, both ends included. */
export interface Bounds {
  readonly min: number
  readonly max: number
}

const bounded = <T extends z.ZodType>(item: T, { min, max }: Bounds) =>
  min === 0 ? z.array(item).max(max) : z.array(item).min(min).max(max)

const refuseTwins = <T>(items: readonly T[], keyOf: (item: T) => string, context: z.RefinementCtx): void => {
  const seen = new Set<string>()
  items.forEach((item, index) => {
    const key = keyOf(item)
    if (seen.has(key)) context.addIssue({ code: 'custom', path: [index], message: 'is a duplicate' })
    seen.add(key)
  })
}

/** A list that is replaced as a whole. */
export const atomic = <T extends z.ZodType>(item: T, bounds: Bounds, description: string) =>
  bounded(item, bounds).meta({ description, 'x-kubernetes-list-type': 'atomic' })

/** A list of strings, each at most once. */
export const set = <T extends z.ZodType<string>>(item: T, bounds: Bounds, description: string) =>
  bounded(item, bounds)
    .superRefine((items, context) => refuseTwins(items, (value) => value, context))
    .meta({ description, 'x-kubernetes-list-type': 'set' })

/** A list of objects, unique by the values of `keys`; every key is required or has a default. */
export const listMap = <T extends z.ZodType<object>>(
  item: T,
  keys: readonly (keyof z.output<T> & string)[],
  bounds: Bounds,
  description: string,
) =>
  bounded(item, bounds)
    .superRefine((items, context) =>
      refuseTwins(items, (value) => JSON.stringify(keys.map((key) => (value as z.output<T>)[key])), context),
    )
    .meta({ description, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [...keys] })

/** A map from strings to strings with at least one and at most 16 entries. */
export const labels = (description: string) =>
  z
    .record(
      z.string(),
      z
        .string()
        .max(63)
        .regex(/^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/)
        .describe('The value of the label; may be empty.'),
    )
    .refine((map) => Object.keys(map).length >= 1 && Object.keys(map).length <= 16, 'must have 1 to 16 entries')
    .meta({ description, minProperties: 1, maxProperties: 16 })
