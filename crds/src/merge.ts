import { z } from 'zod'

/** What becomes of a field where policies of several levels are in force (M2). */
export type MergeKind =
  /** Those of all levels apply, each as if it were alone: they can only refuse more. */
  | 'EveryLevel'
  /** That of the narrowest level that sets it applies; a wider one is its default. */
  | 'Narrowest'
  /** Deny and Require rules of every level; the Allow rules of the narrowest level that has any. */
  | 'ByAction'
  /** It says something about its own policy, and goes wherever that goes. */
  | 'Own'

const merged = <S extends z.ZodType>(schema: S, merge: MergeKind): S => schema.meta({ ...schema.meta(), merge })

/** A field of which those of all levels must pass. */
export const mustPass = <S extends z.ZodType>(schema: S): S => merged(schema, 'EveryLevel')

/** A field of which that of the narrowest level applies. */
export const narrowest = <S extends z.ZodType>(schema: S): S => merged(schema, 'Narrowest')

/** Rules that merge by what they do. */
export const byAction = <S extends z.ZodType>(schema: S): S => merged(schema, 'ByAction')

/** A field that merges with nothing. */
export const own = <S extends z.ZodType>(schema: S): S => merged(schema, 'Own')

/** The part of an emitted schema that tells how fields merge. */
interface Emitted {
  readonly merge?: MergeKind
  readonly properties?: { readonly [name: string]: Emitted }
}

function collect({ merge, properties }: Emitted, at: string, into: Map<string, MergeKind>): void {
  if (merge !== undefined) into.set(at, merge)
  else if (properties === undefined) throw new TypeError(`${at}: says nothing of how levels merge`)
  else for (const [name, member] of Object.entries(properties)) collect(member, `${at}.${name}`, into)
}

/**
 * How each field of a spec merges, by its path, such as `spec.forward.identityHeaders`. What stands below an annotated
 * field merges with it.
 *
 * @param at - how errors name the spec
 * @throws TypeError naming a field of which nobody said it
 */
export function mergeKinds(schema: z.ZodType, at: string): ReadonlyMap<string, MergeKind> {
  const kinds = new Map<string, MergeKind>()
  collect(z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', unrepresentable: 'any' }) as Emitted, at, kinds)
  return kinds
}
