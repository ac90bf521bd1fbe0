import { auditFields } from './auditLog.ts'
import type { Field, FieldTable } from './fields.ts'
import { operationalEvents, operationalFields } from './operationalLog.ts'
import { securityFields } from './securityLog.ts'

/** The reference page of the data plane's logs, in Markdown. */
export function logReference(): string {
  return [
    '# Logs',
    '',
    'Every line of a data plane is one JSON object on standard output; `log` says which of three logs it belongs to.',
    'Every field is on every line; what does not apply is `null`.',
    '',
    ...section('audit', 'One line for each request that the policy let through.', auditFields),
    ...section('security', 'One line for each request that was refused.', securityFields),
    ...section('operational', 'What the process does and what goes wrong with it.', operationalFields),
    '### Events',
    '',
    '| event | level | message |',
    '|---|---|---|',
    ...Object.entries(operationalEvents).map(([name, { level, message }]) => `| \`${name}\` | ${level} | ${message} |`),
    '',
  ].join('\n')
}

function section(name: string, meaning: string, fields: FieldTable): string[] {
  const rows = Object.entries(fields).map(
    ([field, entry]) => `| \`${field}\` | ${typeOf(entry)} | ${meaningOf(entry)} |`,
  )
  return [`## ${name}`, '', meaning, '', '| field | type | meaning |', '|---|---|---|', ...rows, '']
}

const typeOf = (field: Field): string => (field.nullable ? `${field.type} or null` : field.type)

function meaningOf(field: Field): string {
  if (field.values === undefined) return field.meaning
  return `${field.meaning} One of ${field.values.map((value) => `\`${value}\``).join(', ')}.`
}
