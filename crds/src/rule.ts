import type { z } from 'zod'

/**
 * A rule across the fields of a value. `rule` is CEL and is what the API server runs; `holds` says the same in
 * TypeScript, for whoever reads objects that may be older than the rule. The case table proves that they agree.
 */
export interface Rule<T> {
  readonly rule: string
  /** What the author of a refused object reads. */
  readonly message: string
  readonly holds: (self: T) => boolean
}

/** A schema that also demands these rules, in the API server and in the parsers. */
export function ruled<S extends z.ZodType>(schema: S, ...rules: readonly Rule<z.output<S>>[]): S {
  const known = (schema.meta()?.['x-kubernetes-validations'] ?? []) as readonly unknown[]
  const checked = schema.superRefine((self, context) => {
    for (const { message, holds } of rules) if (!holds(self)) context.addIssue({ code: 'custom', message })
  })
  return checked.meta({
    ...schema.meta(),
    'x-kubernetes-validations': [...known, ...rules.map(({ rule, message }) => ({ rule, message }))],
  })
}
