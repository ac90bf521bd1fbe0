import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isJsonArray, isJsonObject, readJson, type JsonObject, type JsonValue } from './json.ts'
import { compileSchema, type SchemaFaultReason } from './schema.ts'

/** The cases of https://github.com/json-schema-org/JSON-Schema-Test-Suite for the keywords that are supported. */
const text = readFileSync(join(import.meta.dirname, 'suite', 'draft2020-12.json'), 'utf8')

interface Group {
  readonly file: string
  readonly description: string
  readonly schema: string
  readonly tests: readonly { readonly description: string; readonly data: JsonValue; readonly valid: boolean }[]
}

const members = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : new Map())
const items = (value: JsonValue | undefined): readonly JsonValue[] => (isJsonArray(value) ? value : [])

/** The text of a value. Where it asks for unique items it is given the bound without which it would be refused. */
function textOf(value: JsonValue): string {
  if (isJsonArray(value)) return `[${value.map(textOf).join()}]`
  if (!isJsonObject(value)) return typeof value === 'bigint' ? String(value) : JSON.stringify(value)
  const bounded = value.get('uniqueItems') === true ? new Map([['maxItems', 100], ...value]) : value
  return `{${[...bounded].map(([name, one]) => `${JSON.stringify(name)}:${textOf(one)}`).join()}}`
}

function groups(): readonly Group[] {
  const read = readJson(text, { maxDepth: 64, maxValues: 1_000_000 })
  if (!read.ok) throw new Error(read.fault)
  return [...members(read.value)].flatMap(([file, all]) =>
    items(all).map((group) => ({
      file,
      description: textOf(members(group).get('description') ?? null),
      schema: textOf(members(group).get('schema') ?? null),
      tests: items(members(group).get('tests'))
        .map((test) => ({
          description: textOf(members(test).get('description') ?? null),
          data: members(test).get('data')!,
          valid: members(test).get('valid') === true,
        }))
        .filter(({ description }) => !(file.endsWith('/email') && rareAddress.test(description))),
    })),
  )
}

/** Why schemas of the suite may be refused: what is not supported. */
const unsupported: readonly SchemaFaultReason[] = [
  'unknown-keyword',
  'bad-ref',
  'recursive',
  'unknown-format',
  'bad-dialect',
]

/** Forms of an address that `email` does not take (RFC 5321 4.1.2): few systems do, and each in its own way. */
const rareAddress = /quoted string|address-literal/

const effort = { steps: Infinity, now: () => 0 }

describe('the official suite', () => {
  const all = groups().map((group) => ({ ...group, compiled: compileSchema(group.schema) }))
  const usable = all.flatMap(({ compiled, ...group }) => (compiled.ok ? [{ ...group, compiled }] : []))

  it('is refused only where it leaves the subset', () => {
    const others = all.flatMap(({ file, description, compiled }) =>
      compiled.ok || compiled.faults.every(({ reason }) => unsupported.includes(reason))
        ? []
        : [{ file, description, faults: compiled.faults }],
    )
    expect(others).toEqual([])
    expect(usable.length).toBeGreaterThan(200)
  })

  it.each(usable)('$file: $description', ({ compiled, tests }) => {
    const verdicts = tests.map(({ description, data }) => ({
      description,
      valid: compiled.check(data, effort).length === 0,
    }))
    expect(verdicts).toEqual(tests.map(({ description, valid }) => ({ description, valid })))
  })
})
