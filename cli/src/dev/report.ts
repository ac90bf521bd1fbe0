import { compile, worldOf, type Compilation, type CompileOptions } from '@gatehouse/controller'
import { findingLines } from '../findings.ts'
import { folderAdvice } from '../folderAdvice.ts'
import { documentsOf, faultLine, type FolderContent } from '../folder/content.ts'
import { plainText } from '../plainText.ts'
import { tokenKeysFor } from '../tokenKeys.ts'
import type { DevInstallation } from './installation.ts'

/** Most Services that are named where an upstream is for none. */
const maxNamed = 8

/** A Service that routes ask for. */
interface AskedService {
  /** `namespace/name`. */
  readonly service: string
  readonly port: string
  /** Whether nothing stands behind it: no upstream and no EndpointSlice. */
  readonly empty: boolean
}

function askedServices({ resources }: Compilation): readonly AskedService[] {
  return resources.flatMap(({ kind, name, spec }): readonly AskedService[] => {
    if (kind !== 'endpoints' || !Array.isArray(spec['addresses'])) return []
    // Behind it stands how the Service is spoken to.
    const [place = '', port = ''] = name.split(';', 1).join('').split(':')
    // What another namespace shares has the name of the one that uses it in front.
    const service = place.split('/').slice(-2).join('/')
    return [{ service, port, empty: spec['addresses'].length === 0 }]
  })
}

function emptyServices(asked: readonly AskedService[]): readonly string[] {
  return asked.flatMap(({ service, port, empty }): readonly string[] => {
    if (!empty) return []
    return [
      `Service ${service}: port ${port} has no endpoint here, so its requests are answered 503; to send them to a process of yours, start with --upstream ${service}=127.0.0.1:3000`,
    ]
  })
}

/** The upstreams that no route asks for, such as where a name is misspelt. */
function idleUpstreams(asked: readonly AskedService[], { upstreams }: CompileOptions): readonly string[] {
  const names = new Set(asked.flatMap(({ service, port }) => [service, `${service}:${port}`]))
  const services = [...new Set(asked.map(({ service, port }) => `${service}:${port}`))].slice(0, maxNamed).join(', ')
  return [...upstreams.keys()]
    .filter((name) => !names.has(name))
    .map((name) => `--upstream ${name}: no route asks for this Service; there is ${services || 'none'}`)
}

/** Tells what is wrong in the folder, each thing once as long as it lasts, and each advice once. */
export class Report {
  readonly #installation: DevInstallation
  readonly #options: CompileOptions
  readonly #write: (text: string) => void
  #told = new Set<string>()
  /** An advice is long, and each fault of the folder takes it back for a while. */
  readonly #advised = new Set<string>()

  constructor(installation: DevInstallation, options: CompileOptions, write: (text: string) => void) {
    this.#installation = installation
    this.#options = options
    this.#write = write
  }

  tell(content: FolderContent): void {
    const faults = content.faults.map((fault) => `${plainText(faultLine(fault))}; what was there before stays in force`)
    const { findings, advice } = this.#verdicts(content)
    const now = new Set([...faults, ...findings, ...advice])
    const news = [...now].filter((text) => !this.#told.has(text) && !this.#advised.has(text))
    for (const text of news) this.#write(`${text}\n`)
    if (news.length === 0) this.#tellMended(now)
    for (const text of advice) this.#advised.add(text)
    this.#told = now
  }

  /** Silence after a mend would look like a change that nobody read. */
  #tellMended(now: ReadonlySet<string>): void {
    if ([...this.#told].every((text) => now.has(text))) return
    if (now.size === 0) this.#write('Mended; nothing in the folder is wrong any more.\n')
    else this.#write(`Mended; ${now.size} of the notes above still ${now.size === 1 ? 'holds' : 'hold'}.\n`)
  }

  #verdicts(content: FolderContent): { readonly findings: readonly string[]; readonly advice: readonly string[] } {
    const { ref, builtin } = this.#installation
    const documents = documentsOf(content.objects, builtin)
    const compilation = compile(worldOf([...documents, tokenKeysFor(ref)], 'Equal'), ref, this.#options)
    const findings = compilation.verdicts.flatMap((verdict) => findingLines(verdict, content.objects))
    const asked = askedServices(compilation)
    const services = [...emptyServices(asked), ...idleUpstreams(asked, this.#options)]
    return {
      findings: [...findings, ...services].map(plainText),
      advice: folderAdvice(content, [compilation]),
    }
  }
}
