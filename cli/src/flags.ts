import { parseArgs, type ParseArgsConfig } from 'node:util'
import { usageError } from './exit.ts'

/** The flags of a command, by long name. */
export type FlagTable = NonNullable<ParseArgsConfig['options']>

type Parsed<T extends FlagTable> = ReturnType<typeof parseArgs<{ options: T; allowPositionals: false; strict: true }>>

/** `help` is a flag of every command. */
export const helpFlag = { help: { type: 'boolean', short: 'h' } } as const satisfies FlagTable

const isCoded = (error: unknown): error is Error & { readonly code: string } =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'

/**
 * Reads the flags of a command.
 *
 * @throws CommandError with one sentence for a flag that is unknown, lacks its value or has one too many
 */
export function readFlags<const T extends FlagTable>(command: string, args: readonly string[], options: T) {
  try {
    const parsed: Parsed<T> = parseArgs({ args: [...args], options, allowPositionals: false, strict: true })
    return parsed.values
  } catch (error) {
    if (!isCoded(error) || !error.code.startsWith('ERR_PARSE_ARGS_')) throw error
    const [sentence = ''] = error.message.split(/\.(?=\s|$)/)
    throw usageError(`${firstLine(sentence)}; gatehouse ${command} --help lists the flags`)
  }
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? ''
