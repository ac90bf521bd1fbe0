import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { moduleFolder, recipes, type ClusterBinary, type Recipe } from './recipes.ts'

const run = promisify(execFile)

/** What `$KUBEBUILDER_ASSETS` holds by convention; anything else there is not looked at. */
const assetNames: readonly ClusterBinary[] = ['etcd', 'kube-apiserver', 'kubectl']

/** The files that decide what is built: the pins, and the sources of a program of our own. */
function inputs({ module, package: path }: Recipe): readonly string[] {
  const folder = moduleFolder(module)
  const pins = ['go.mod', 'go.sum'].map((file) => join(folder, file)).filter((file) => existsSync(file))
  if (!path.startsWith('.')) return pins
  const source = join(folder, path)
  const sources = readdirSync(source).filter((name) => name.endsWith('.go'))
  return [...pins, ...sources.toSorted().map((name) => join(source, name))]
}

function cacheFolder(recipe: Recipe): string {
  const home =
    process.env['GATEHOUSE_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gatehouse')
  const hash = createHash('sha256')
  for (const file of inputs(recipe)) hash.update(readFileSync(file))
  hash.update(recipe.ldflags)
  if (recipe.tags !== '') hash.update(`\ntags ${recipe.tags}`)
  if (recipe.cgo) hash.update('\ncgo')
  return join(home, 'bin', hash.digest('hex').slice(0, 16))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Builds to a name of its own and renames, so that nobody ever runs half a file. */
async function build(recipe: Recipe, name: string, target: string): Promise<void> {
  const unfinished = `${target}.${process.pid}`
  const started = performance.now()
  process.stderr.write(`building ${name} from ${recipe.package}; minutes with an empty Go cache\n`)
  const flags = ['-trimpath', ...(recipe.tags === '' ? [] : ['-tags', recipe.tags]), '-ldflags', recipe.ldflags]
  try {
    await run('go', ['build', ...flags, '-o', unfinished, recipe.package], {
      cwd: moduleFolder(recipe.module),
      env: { ...process.env, CGO_ENABLED: recipe.cgo ? '1' : '0' },
      maxBuffer: 64 * 1024 * 1024,
    })
    renameSync(unfinished, target)
  } finally {
    rmSync(unfinished, { force: true })
  }
  process.stderr.write(`built ${name} in ${Math.round((performance.now() - started) / 1000)} s\n`)
}

/**
 * The path of a cluster program: in `$KUBEBUILDER_ASSETS` if it is one of those three, else in the cache outside the
 * clone, else built from the Go module that pins it. PATH is never searched: a program found there could be of any
 * version.
 *
 * @throws when it has to be built and Go is missing or the build fails
 */
export async function clusterBinary(name: ClusterBinary): Promise<string> {
  const assets = process.env['KUBEBUILDER_ASSETS']
  const asset = assets === undefined || !assetNames.includes(name) ? null : join(assets, name)
  if (asset !== null && isExecutable(asset)) return asset
  const folder = cacheFolder(recipes[name])
  const target = join(folder, name)
  if (isExecutable(target)) return target
  mkdirSync(folder, { recursive: true })
  await build(recipes[name], name, target)
  return target
}

/** Several, one after the other: a build uses every core. */
export async function clusterBinaries<Name extends ClusterBinary>(
  names: readonly Name[],
): Promise<Readonly<Record<Name, string>>> {
  const paths: Partial<Record<Name, string>> = {}
  for (const name of names) paths[name] = await clusterBinary(name)
  return paths as Record<Name, string>
}

/** All programs there are. */
export const allBinaries = Object.keys(recipes) as readonly ClusterBinary[]

if (import.meta.main) process.stdout.write(`${JSON.stringify(await clusterBinaries(allBinaries), null, 2)}\n`)
