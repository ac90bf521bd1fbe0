import { CommandError, exitStatus, usageError } from '../exit.ts'
import { helpFlag, readFlags } from '../flags.ts'
import { contentOf, emptyFolder, passedOverText } from '../folder/content.ts'
import { readFolders } from '../folder/reading.ts'
import { plainText } from '../plainText.ts'
import type { Streams } from '../streams.ts'
import { judge, type JudgedObject, type Judgement } from './judgement.ts'
import { tableOf } from './table.ts'

const help = `gatehouse check - say what is wrong with a folder of YAML

Usage: gatehouse check -f DIR [-o table|json]

  -f, --folder DIR      files *.yaml, *.yml and *.json; may be given more than once
  -o, --output FORMAT   table (default) or json
  -h, --help            this text

Prints file, line and the conditions Accepted, ResolvedRefs and Protected of each object. What only a cluster knows is
Unknown/NotInFolder. Exit status: 0, 1 when any of these is False or a part of an object is refused (PartiallyInvalid),
2 when the input cannot be read or holds nothing, 64 when the command line is wrong.
`

const flags = {
  ...helpFlag,
  folder: { type: 'string', short: 'f', multiple: true },
  output: { type: 'string', short: 'o' },
} as const

/** JSON whose strings no terminal obeys. */
const jsonOf = (judgement: Judgement): string =>
  `${JSON.stringify(judgement, null, 2).split('\n').map(plainText).join('\n')}\n`

/** Whether anything of it is refused, also where the rest of it serves. */
const isRefused = ({ conditions }: JudgedObject): boolean =>
  conditions.some(({ type, status }) => status === (type === 'PartiallyInvalid' ? 'True' : 'False'))

/** `gatehouse check`. */
export async function checkCommand(args: readonly string[], streams: Streams): Promise<number> {
  const values = readFlags('check', args, flags)
  if (values.help) {
    streams.out(help)
    return exitStatus.ok
  }
  const folders = values.folder ?? []
  if (folders.length === 0) throw usageError('-f DIR is needed: the folder to check')
  const format = values.output ?? 'table'
  if (format !== 'table' && format !== 'json') throw usageError(`-o needs table or json, not "${format}"`)
  const reading = await readFolders(folders)
  const content = contentOf(reading, emptyFolder)
  const judgement = judge(content)
  if (format === 'json') streams.out(jsonOf(judgement))
  else streams.out(tableOf(judgement))
  for (const folder of reading.passedOver) streams.err(`${plainText(folder)}: folders within are not read\n`)
  streams.err(passedOverText(content))
  if (judgement.unreadable.length > 0) return exitStatus.unreadable
  if (judgement.objects.length === 0 && content.passedOver === 0) {
    throw new CommandError(`there is nothing to check in ${folders.join(', ')}`, exitStatus.unreadable)
  }
  return judgement.objects.some(isRefused) ? exitStatus.failure : exitStatus.ok
}
