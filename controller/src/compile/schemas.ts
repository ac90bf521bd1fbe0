import type { Json } from '@gatehouse/contract'
import { compileParameters } from '@gatehouse/language/parameters'
import { compileSchema, type SchemaFault } from '@gatehouse/language/schema'
import { regexBytes } from './budget.ts'
import { memoised } from './memo.ts'
import { isMembers } from './raw.ts'

/** A schema that can be used, as the JSON text that data planes are sent; or what is wrong with it. */
export type ReadSchema =
  | { readonly ok: true; readonly text: string; readonly regexBytes: number }
  | { readonly ok: false; readonly faults: readonly SchemaFault[] }

export type SchemaUse = 'Body' | 'Headers' | 'Parameters'

/** Whether the text can be used as a schema of this. */
export function readSchema(text: string, use: SchemaUse): ReadSchema {
  const compiled = use === 'Body' ? compileSchema(text) : compileParameters(text, { caseless: use === 'Headers' })
  return compiled.ok ? { ok: true, text, regexBytes: regexBytes(compiled.patterns) } : compiled
}

/**
 * Where an integer stands that reading the object has already changed: beyond 2^53 it is not what its author wrote. A text
 * in a ConfigMap keeps such integers.
 */
function changedInteger(value: Json, at: string): string | null {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value) ? at : null
  const members = Array.isArray(value) ? [...value.entries()] : isMembers(value) ? Object.entries(value) : []
  for (const [name, member] of members) {
    const found = changedInteger(member as Json, `${at}/${/^[\w$.-]{1,64}$/.test(String(name)) ? name : '?'}`)
    if (found !== null) return found
  }
  return null
}

function inlineSchema(value: Json, use: SchemaUse): ReadSchema {
  const changed = changedInteger(value, '')
  if (changed !== null) return { ok: false, faults: [{ pointer: changed, reason: 'bad-value' }] }
  return readSchema(JSON.stringify(value), use)
}

const inline = {
  Body: memoised((value: object) => inlineSchema(value as Json, 'Body')),
  Headers: memoised((value: object) => inlineSchema(value as Json, 'Headers')),
  Parameters: memoised((value: object) => inlineSchema(value as Json, 'Parameters')),
} as const

/** The same of a schema that stands in the object itself. */
export const readInlineSchema = (value: object, use: SchemaUse): ReadSchema => inline[use](value)
