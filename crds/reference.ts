import { bundleVersion, group, objectSchema, version, type CrdSchema, type KindDefinition } from './src/index.ts'

/** A field of a kind, with the schema that holds for it. */
interface Field {
  /** Dotted, lists as `[]`, maps as `{}`. */
  readonly path: string
  readonly schema: CrdSchema
  readonly required: boolean
}

const escape = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ')
const code = (text: string): string => (text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``).replaceAll('|', '\\|')

/** All fields below a schema, parents before children. */
function fieldsOf(schema: CrdSchema, path: string): readonly Field[] {
  if (schema.items) return fieldsOf(schema.items, `${path}[]`)
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const at = path === '' ? name : `${path}.${name}`
    return [{ path: at, schema: member, required: schema.required?.includes(name) ?? false }, ...fieldsOf(member, at)]
  })
}

function typeOf(schema: CrdSchema): string {
  if (schema.items) return `list of ${typeOf(schema.items)}`
  if (schema.additionalProperties) return `map of ${typeOf(schema.additionalProperties)}`
  return schema.type
}

const range = (min: number | undefined, max: number | undefined, unit: string): readonly string[] =>
  max === undefined ? [] : [`${min ?? 0} to ${max}${unit}`]

/** What a value must satisfy, in words. */
function constraintsOf(schema: CrdSchema): readonly string[] {
  const keys = schema['x-kubernetes-list-map-keys']
  const inner = schema.items ?? schema.additionalProperties
  return [
    ...(schema.enum ? [schema.enum.map((value) => code(value === '' ? '""' : value)).join(', ')] : []),
    ...range(schema.minimum, schema.maximum, ''),
    ...range(schema.minLength, schema.maxLength, ' characters'),
    ...range(schema.minItems, schema.maxItems, ' entries'),
    ...range(schema.minProperties, schema.maxProperties, ' entries'),
    ...(keys ? [`unique by ${keys.join(', ')}`] : []),
    ...(schema['x-kubernetes-list-type'] === 'set' ? ['unique'] : []),
    ...(schema.format ? [schema.format] : []),
    ...(schema.pattern ? [code(schema.pattern)] : []),
    ...(inner && inner.type !== 'object' ? constraintsOf(inner).map((text) => `each: ${text}`) : []),
  ]
}

const defaultOf = ({ schema, required }: Field): string =>
  required ? '**required**' : schema.default === undefined ? '' : code(JSON.stringify(schema.default))

const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const table = (heads: readonly string[], rows: readonly string[]): string =>
  [row(...heads), row(...heads.map(() => '---')), ...rows].join('\n')

const fieldTable = (fields: readonly Field[]): string =>
  table(
    ['Field', 'Type', 'Default', 'Constraints', 'Meaning'],
    fields.map((field) =>
      row(
        code(field.path),
        typeOf(field.schema),
        defaultOf(field),
        constraintsOf(field.schema).join('; '),
        escape(field.schema.description ?? ''),
      ),
    ),
  )

/** The rules of a schema and of all below it, with where they apply. */
function rulesOf(schema: CrdSchema, path: string): readonly string[] {
  const own = (schema['x-kubernetes-validations'] ?? []).map(({ rule, message }) =>
    row(code(path), escape(message), code(rule)),
  )
  const inner = schema.items ? rulesOf(schema.items, `${path}[]`) : []
  const members = Object.entries(schema.properties ?? {}).flatMap(([name, member]) =>
    rulesOf(member, `${path}.${name}`),
  )
  return [...own, ...inner, ...members]
}

/** What an absent key means: its default, or what its description says of it; null where a rule refuses the absence. */
const absenceOf = ({ schema }: Field): string | null => {
  if (schema.default !== undefined) return `${JSON.stringify(schema.default)}`
  return /(?:absent = |default: )([^.]*)/i.exec(schema.description ?? '')?.[1] ?? null
}

/**
 * The keys of a spec that may be absent without a rule being broken, so that a misspelling of one of them goes
 * unnoticed where field validation is not strict.
 */
export const looseKeys = (definition: KindDefinition): readonly { path: string; absence: string }[] =>
  fieldsOf(objectSchema(definition), '')
    .filter(({ path, required }) => path.startsWith('spec.') && !required)
    .flatMap((field) => {
      const absence = absenceOf(field)
      return absence === null ? [] : [{ path: field.path, absence }]
    })

const looseTable = (definition: KindDefinition): string =>
  table(
    ['Key', 'Without it'],
    looseKeys(definition).map(({ path, absence }) => row(code(path), escape(absence))),
  )

/** The reference page of a kind, as Markdown. */
export function referencePage(definition: KindDefinition): string {
  const schema = objectSchema(definition)
  const fields = fieldsOf(schema, '')
  const spec = fields.filter(({ path }) => path.startsWith('spec.'))
  const status = fields.filter(({ path }) => path.startsWith('status.'))
  const { shortNames, columns } = definition
  return `<!-- Generated by crds/generate.ts; do not edit. -->

# ${definition.kind}

${definition.description}

- apiVersion: \`${group}/${version}\`, bundle version ${bundleVersion}, namespaced
- plural: \`${definition.plural}\`${shortNames.length > 0 ? `, short name: \`${shortNames.join('`, `')}\`` : ''}, category: \`gatehouse-api\`
- columns: ${columns.map(({ name }) => name).join(', ')}

## Spec

${fieldTable(spec)}

## Rules

The API server refuses an object that breaks one of these.

${table(['Where', 'Rule', 'CEL'], rulesOf(schema.properties?.['spec'] ?? schema, 'spec'))}

## Keys whose misspelling only strict validation catches

The API server drops a key that it does not know. It says so in a warning, and with strict field validation, which is
the default of \`kubectl\`, it refuses the object. A misspelt required key is refused in every case, since the key
itself is then missing; a misspelling of one of the keys below is refused by strict validation only. \`gatehouse dev\`
and \`gatehouse check\` always refuse unknown keys.

${looseTable(definition)}

## Status

${fieldTable(status)}
`
}
