import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Every package that comes from a registry has an integrity hash in package-lock.json, and every version in a
 * package.json is exact. `node scripts/lockfile.ts [ROOT]` prints what is not and exits 1.
 */

interface Manifest {
  readonly workspaces?: readonly string[]
  readonly [section: string]: unknown
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly integrity?: string; readonly link?: boolean }>>
}

const sections = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies', 'overrides']
const exact = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/

const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'))

function looseVersions(root: string, folder: string): string[] {
  const manifest = read(join(root, folder, 'package.json')) as Manifest
  return sections.flatMap((section) =>
    Object.entries((manifest[section] ?? {}) as Record<string, string>)
      .filter(([, version]) => !exact.test(version))
      .map(([name, version]) => `${join(folder, 'package.json')}: ${section}.${name} is "${version}", not one version`),
  )
}

function withoutIntegrity(root: string): string[] {
  const { packages } = read(join(root, 'package-lock.json')) as Lock
  const entries = Object.entries(packages).filter(([path]) => path.includes('node_modules/'))
  if (entries.length === 0) return ['package-lock.json: names no package at all']
  return entries
    .filter(([, entry]) => entry.link !== true && entry.integrity?.startsWith('sha512-') !== true)
    .map(([path]) => `package-lock.json: ${path} has no sha512 integrity`)
}

const root = process.argv[2] ?? join(import.meta.dirname, '..')
const { workspaces = [] } = read(join(root, 'package.json')) as Manifest
const faults = [...['', ...workspaces].flatMap((folder) => looseVersions(root, folder)), ...withoutIntegrity(root)]
for (const fault of faults) process.stderr.write(`${fault}\n`)
process.exitCode = faults.length > 0 ? 1 : 0
