/** A field of a log line. */
export interface Field {
  /** JSON type of the value; `time` is RFC 3339 in UTC with milliseconds. */
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'time'
  /** True when the value can be null. */
  readonly nullable: boolean
  readonly meaning: string
  /** Every value that a string can have; absent = free text. */
  readonly values?: readonly string[]
}

/** The fields of one log, in the order in which a line has them. */
export type FieldTable = { readonly [name: string]: Field }

interface Types {
  readonly string: string
  readonly integer: number
  readonly number: number
  readonly boolean: boolean
  readonly time: string
}

/** The type of a line of the log with these fields. */
export type LineOf<T extends FieldTable> = {
  readonly [K in keyof T]: T[K]['nullable'] extends false ? Types[T[K]['type']] : Types[T[K]['type']] | null
}

/** What every line of every log begins with. */
export const commonFields = {
  time: { type: 'time', nullable: false, meaning: 'When the line was written.' },
  log: {
    type: 'string',
    nullable: false,
    values: ['operational', 'security', 'audit'],
    meaning: 'Which of the three logs the line belongs to.',
  },
} as const satisfies FieldTable

/** The three logs. */
export type LogName = (typeof commonFields.log.values)[number]
