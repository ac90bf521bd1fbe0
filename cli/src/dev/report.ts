import { compile, worldOf, type Compilation, type CompileOptions } from '@gatehouse/controller'
import { findingLines } from '../findings.ts'
import { folderAdvice } from '../folderAdvice.ts'
import { documentsOf, faultLine, type FolderContent } from '../folder/content.ts'
import { plainText } from '../plainText.ts'
import { tokenKeysFor } from '../tokenKeys.ts'
import type { DevInstallation } from './installation.ts'

/** The Services that routes ask for and that nothing stands behind: no upstream and no EndpointSlice. */
function emptyServices({ resources }: Compilation): readonly string[] {
  return resources.flatMap(({ kind, name, spec }): readonly string[] => {
    if (kind !== 'endpoints' || !Array.isArray(spec['addresses']) || spec['addresses'].length > 0) return []
    // Behind it stands how the Service is spoken to.
    const [place = '', port = ''] = name.split(';', 1).join('').split(':')
    // What another namespace shares has the name of the one that uses it in front.
    const service = place.split('/').slice(-2).join('/')
    return [
      `Service ${service}: port ${port} has no endpoint here, so its requests are answered 503; to send them to a process of yours, start with --upstream ${service}=127.0.0.1:3000`,
    ]
  })
}

/** Tells what is wrong in the folder, each thing once as long as it lasts. */
export class Report {
  readonly #installation: DevInstallation
  readonly #options: CompileOptions
  readonly #write: (text: string) => void
  #told = new Set<string>()

  constructor(installation: DevInstallation, options: CompileOptions, write: (text: string) => void) {
    this.#installation = installation
    this.#options = options
    this.#write = write
  }

  tell(content: FolderContent): void {
    const faults = content.faults.map((fault) => `${plainText(faultLine(fault))}; what was there before stays in force`)
    const texts = [...faults, ...this.#verdicts(content)]
    for (const text of texts) if (!this.#told.has(text)) this.#write(`${text}\n`)
    this.#tellMended(new Set(texts))
    this.#told = new Set(texts)
  }

  /** Silence after a mend would look like a change that nobody read. */
  #tellMended(now: ReadonlySet<string>): void {
    const isNew = [...now].some((text) => !this.#told.has(text))
    if (isNew || now.size === this.#told.size) return
    if (now.size === 0) this.#write('Mended; nothing in the folder is wrong any more.\n')
    else this.#write(`Mended; ${now.size} of the notes above still ${now.size === 1 ? 'holds' : 'hold'}.\n`)
  }

  #verdicts(content: FolderContent): readonly string[] {
    const { ref, builtin } = this.#installation
    const documents = documentsOf(content.objects, builtin)
    const compilation = compile(worldOf([...documents, tokenKeysFor(ref)], 'Equal'), ref, this.#options)
    const findings = compilation.verdicts.flatMap((verdict) => findingLines(verdict, content.objects))
    return [...findings.map(plainText), ...emptyServices(compilation), ...folderAdvice(content, [compilation])]
  }
}
