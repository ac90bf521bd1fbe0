import { parseArgs, type ParseArgsConfig } from 'node:util'
import { isCoded } from './codedError.ts'
import { usageError } from './exit.ts'

/** The flags of a command, by long name. */
export type FlagTable = NonNullable<ParseArgsConfig['options']>

type Parsed<T extends FlagTable> = ReturnType<typeof parseArgs<{ options: T; allowPositionals: true; strict: true }>>

/** `help` is a flag of every command. */
export const helpFlag = { help: { type: 'boolean', short: 'h' } } as const satisfies FlagTable

function parsed<const T extends FlagTable>(
  command: string,
  args: readonly string[],
  options: { readonly flags: T; readonly names: boolean },
): Parsed<T> {
  const { flags, names } = options
  try {
    return parseArgs({ args: [...args], options: flags, allowPositionals: names, strict: true }) as Parsed<T>
  } catch (error) {
    if (!isCoded(error) || !error.code.startsWith('ERR_PARSE_ARGS_')) throw error
    const [sentence = ''] = error.message.split(/\.(?=\s|$)/)
    throw usageError(`${firstLine(sentence)}; gatehouse ${command} --help lists the flags`)
  }
}

/**
 * Reads the flags of a command.
 *
 * @throws CommandError with one sentence for a flag that is unknown, lacks its value or has one too many
 */
export const readFlags = <const T extends FlagTable>(command: string, args: readonly string[], flags: T) =>
  parsed(command, args, { flags, names: false }).values

/** {@link readFlags} of a command that also takes names, which come as `positionals`. */
export const readFlagsAndNames = <const T extends FlagTable>(command: string, args: readonly string[], flags: T) =>
  parsed(command, args, { flags, names: true })

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? ''
