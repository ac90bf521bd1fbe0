import { plainText } from '../plainText.ts'

/** A line of one of the three logs of a data plane. */
export type LogLine = { readonly [field: string]: unknown }

const text = (line: LogLine, field: string): string | null => {
  const value = line[field]
  return typeof value === 'string' ? plainText(value) : typeof value === 'number' ? String(value) : null
}

const named = (...parts: readonly (string | null)[]): string => parts.filter((part) => part !== null).join('/')

/** A decision as one line for people: what was asked, what became of it, who decided, and the id to look for. */
export function decisionText(line: LogLine): string {
  const code = text(line, 'code') ?? (line['decision'] === 'permit' ? 'permitted' : 'refused')
  const check = text(line, 'check')
  const policy = named(text(line, 'policy'), text(line, 'item'))
  const route = named(text(line, 'route'), text(line, 'rule'))
  const parts = [
    text(line, 'status'),
    text(line, 'method'),
    `${text(line, 'host') ?? '-'}${text(line, 'path') ?? ''}`,
    check === null ? code : `${code} (${check})`,
    `policy ${policy || '-'}`,
    `route ${route || '-'}`,
    `id ${text(line, 'requestId') ?? '-'}`,
  ]
  return parts.filter((part) => part !== null).join('  ')
}
