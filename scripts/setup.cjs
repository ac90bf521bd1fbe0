// Installs what package-lock.json says when node_modules says something else, then makes sure that a Node which runs
// TypeScript is found. Plain JavaScript, because an old Node starts it.
'use strict'
const { spawnSync } = require('node:child_process')
const { readFileSync } = require('node:fs')
const path = require('node:path')

const root = path.dirname(__dirname)
const bin = path.join(root, 'node_modules', '.bin')

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(path.join(root, file), 'utf8')).packages
  } catch {
    return null
  }
}

/** npm writes node_modules/.package-lock.json last, so an install that was cut off has none. */
function installed() {
  const wanted = packagesOf('package-lock.json')
  const present = packagesOf('node_modules/.package-lock.json')
  if (wanted === null) throw new Error('package-lock.json is missing or cannot be read: this is not a whole clone')
  if (present === null) return false
  return Object.entries(wanted).every(([name, entry]) => {
    if (!name.startsWith('node_modules/') || entry.link) return true
    if (present[name] === undefined) return entry.optional === true
    return present[name].version === entry.version
  })
}

function install() {
  console.error('Installing the packages that package-lock.json names …')
  // npm removes node_modules first, and with it the Node that it would otherwise run on.
  const PATH = process.env.PATH.split(path.delimiter)
    .filter((folder) => path.resolve(folder) !== bin)
    .join(path.delimiter)
  const { status, error } = spawnSync('npm', ['ci', '--loglevel=error', '--no-audit', '--no-fund'], {
    cwd: root,
    env: { ...process.env, PATH },
    stdio: ['ignore', 2, 2],
  })
  if (error !== undefined)
    throw new Error(`npm could not be started (${error.code}): install Node 20 or later with npm`)
  if (status !== 0) throw new Error('npm ci failed; its message stands above')
}

/** The Node from node_modules comes first on the PATH of every make target. */
function guard() {
  const PATH = `${bin}${path.delimiter}${process.env.PATH}`
  const probe = ['-p', 'process.version + " " + Boolean(process.features.typescript)']
  const { stdout } = spawnSync('node', probe, { env: { ...process.env, PATH }, encoding: 'utf8' })
  const [version, strips] = (stdout || 'none false').trim().split(' ')
  if (strips === 'true') return
  throw new Error(`Node ${version} does not run TypeScript: install Node 24 (this platform has no packaged one)`)
}

try {
  if (!installed()) install()
  guard()
} catch (error) {
  console.error(error.message)
  process.exitCode = 69
}
