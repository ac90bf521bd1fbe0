import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The programs of Kubernetes that the tests run. */
export type ClusterBinary = 'etcd' | 'kube-apiserver' | 'kubectl'

const kubernetesVersion = { version: 'v1.37.2', major: '1', minor: '37' }
const stamp = 'k8s.io/component-base/version'
const kubernetesFlags = `-s -w -X ${stamp}.gitVersion=${kubernetesVersion.version} -X ${stamp}.gitMajor=${kubernetesVersion.major} -X ${stamp}.gitMinor=${kubernetesVersion.minor}`

interface Recipe {
  /** Folder beside this file whose go.mod pins the version. */
  readonly module: string
  readonly package: string
  readonly ldflags: string
}

const recipes: Readonly<Record<ClusterBinary, Recipe>> = {
  etcd: { module: 'etcd', package: 'go.etcd.io/etcd/server/v3', ldflags: '-s -w' },
  'kube-apiserver': { module: 'kubernetes', package: 'k8s.io/kubernetes/cmd/kube-apiserver', ldflags: kubernetesFlags },
  kubectl: { module: 'kubernetes', package: 'k8s.io/kubernetes/cmd/kubectl', ldflags: kubernetesFlags },
}

const moduleFolder = (recipe: Recipe): string => join(import.meta.dirname, recipe.module)

function cacheFolder(recipe: Recipe): string {
  const home = process.env['GATEHOUSE_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gatehouse')
  const hash = createHash('sha256')
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(moduleFolder(recipe), file)))
  return join(home, 'bin', hash.update(recipe.ldflags).digest('hex').slice(0, 16))
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
async function build(name: ClusterBinary, target: string): Promise<void> {
  const recipe = recipes[name]
  const unfinished = `${target}.${process.pid}`
  const started = performance.now()
  process.stderr.write(`building ${name} from ${recipe.package}; minutes with an empty Go cache\n`)
  try {
    await run('go', ['build', '-trimpath', '-ldflags', recipe.ldflags, '-o', unfinished, recipe.package], {
      cwd: moduleFolder(recipe),
      env: { ...process.env, CGO_ENABLED: '0' },
      maxBuffer: 64 * 1024 * 1024,
    })
    renameSync(unfinished, target)
  } finally {
    rmSync(unfinished, { force: true })
  }
  process.stderr.write(`built ${name} in ${Math.round((performance.now() - started) / 1000)} s\n`)
}

/**
 * The path of a cluster program: in `$KUBEBUILDER_ASSETS`, else in the cache outside the clone, else built from the Go
 * module that pins it. PATH is never searched: a program found there could be of any version.
 *
 * @throws when it has to be built and Go is missing or the build fails
 */
export async function clusterBinary(name: ClusterBinary): Promise<string> {
  const assets = process.env['KUBEBUILDER_ASSETS']
  if (assets !== undefined && isExecutable(join(assets, name))) return join(assets, name)
  const folder = cacheFolder(recipes[name])
  const target = join(folder, name)
  if (isExecutable(target)) return target
  mkdirSync(folder, { recursive: true })
  await build(name, target)
  return target
}

/** All of them, one after the other: a build uses every core. */
export async function clusterBinaries(): Promise<Readonly<Record<ClusterBinary, string>>> {
  return {
    etcd: await clusterBinary('etcd'),
    'kube-apiserver': await clusterBinary('kube-apiserver'),
    kubectl: await clusterBinary('kubectl'),
  }
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await clusterBinaries(), null, 2)}\n`)
