import { compile, worldOf, type CompileOptions } from '@gatehouse/controller'
import { adviceFor, openRoutes } from '../advice.ts'
import { findingLines } from '../findings.ts'
import { documentsOf, faultLine, type FolderContent } from '../folder/content.ts'
import { plainText } from '../plainText.ts'
import type { DevInstallation } from './installation.ts'

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
    this.#told = new Set(texts)
  }

  #verdicts(content: FolderContent): readonly string[] {
    const { ref, builtin } = this.#installation
    const documents = documentsOf(content.objects, builtin)
    const compilation = compile(worldOf(documents, 'Equal'), ref, this.#options)
    const findings = compilation.verdicts.flatMap((verdict) => findingLines(verdict, content.objects))
    const advice = openRoutes(compilation).map((route) =>
      adviceFor(route, (name) => content.objects.has(`AccessPolicy ${route.namespace}/${name}`)),
    )
    return [...findings.map(plainText), ...advice]
  }
}
