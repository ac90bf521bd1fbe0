import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { rolldown, type OutputChunk } from 'rolldown'

/** The two processes of Gatehouse; each has a bundle and an image of its own. */
export const programs = ['controller', 'dataplane'] as const
export type Program = (typeof programs)[number]

/** What a process runs, and what its threads run. */
const entries: { readonly [P in Program]: readonly string[] } = {
  controller: ['main'],
  dataplane: ['main', 'bodyWorker'],
}

/** Everything that a process needs but Node. */
export interface Bundle {
  readonly program: Program
  /** Text by file name: `main.mjs`, further chunks if there are any, and the licences. */
  readonly files: ReadonlyMap<string, string>
  /** `name@version` of every package whose code is inside, sorted. */
  readonly packages: readonly string[]
}

interface Package {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly folder: string
}

/** Modules that a library tries to load and does without; they are not installed. */
const optional = ['bufferutil', 'utf-8-validate', '@node-rs/xxhash']

/**
 * Bundles the entries of a process with all that they import. Names are kept and nothing is minified: stack frames in
 * the log are to be read, and the code is compiled lazily.
 *
 * @param root - the clone, with node_modules
 * @throws Error when the bundler warns, or when something is imported that is neither in the bundle nor in Node
 */
export async function bundle(root: string, program: Program): Promise<Bundle> {
  const build = await rolldown({
    cwd: root,
    input: Object.fromEntries(entries[program].map((name) => [name, `${program}/src/${name}.ts`])),
    platform: 'node',
    external: optional,
    onLog: (level, log) => {
      if (level === 'warn') throw new Error(`the bundler warns: ${log.message}`)
    },
  })
  const { output } = await build.generate({
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name]-[hash].mjs',
  })
  await build.close()
  const chunks = output.filter((item) => item.type === 'chunk')
  if (chunks.length < output.length) throw new Error(`the bundle of ${program} has files that are no code`)
  assertComplete(chunks)
  const packages = packagesIn(chunks.flatMap((chunk) => chunk.moduleIds))
  const files = new Map(chunks.map((chunk) => [chunk.fileName, chunk.code]))
  files.set('LICENSE', readFileSync(join(root, 'LICENSE'), 'utf8'))
  files.set('THIRD-PARTY-LICENSES.txt', licencesOf(packages))
  return { program, files, packages: packages.map(({ name, version }) => `${name}@${version}`) }
}

function assertComplete(chunks: readonly OutputChunk[]): void {
  const own = new Set(chunks.map((chunk) => chunk.fileName))
  for (const { code, imports, dynamicImports } of chunks) {
    const required = [...code.matchAll(/\b__require\("([^"]+)"\)/g)].map(([, name]) => name!)
    const missing = [...imports, ...dynamicImports, ...required].find(
      (name) => !isBuiltin(name) && !own.has(name) && !optional.includes(name),
    )
    if (missing !== undefined) throw new Error(`the bundle needs ${missing}, which is not in it`)
  }
}

/** The packages from a registry that these modules are of; each once, by name and version. */
function packagesIn(moduleIds: readonly string[]): Package[] {
  const folders = new Set(
    moduleIds.flatMap((id) => /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(id)?.[1] ?? []),
  )
  return [...folders].map(packageOf).sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1))
}

function packageOf(folder: string): Package {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Package
  return { name: manifest.name, version: manifest.version, license: manifest.license, folder }
}

/** Most licences want their text to go with the code. */
function licencesOf(packages: readonly Package[]): string {
  const sections = packages.map(({ name, version, license, folder }) => {
    const texts = readdirSync(folder)
      .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
      .map((file) => readFileSync(join(folder, file), 'utf8').trim())
    return [`${name} ${version} (${license})`, ...texts].join('\n\n')
  })
  return `${sections.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`
}

/** Writes the files of a bundle into a folder. */
export async function writeBundle(root: string, program: Program, folder: string): Promise<void> {
  const { files } = await bundle(root, program)
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of files) writeFileSync(join(folder, name), text)
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..', '..')
  const target = join(root, 'dist', 'bundles')
  rmSync(target, { recursive: true, force: true })
  for (const program of programs) await writeBundle(root, program, join(target, program))
}
