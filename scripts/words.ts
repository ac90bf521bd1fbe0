import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/**
 * What no linter sees: text that must not stand in the repository, and files that grew too long.
 * `node scripts/words.ts [ROOT]` prints file, line and what to do, and exits 1.
 */

interface Ban {
  readonly pattern: RegExp
  /** Which files it concerns, by path from the root. */
  readonly files: RegExp
  readonly except?: RegExp
  readonly advice: string
}

const code = /\.(ts|cjs|mjs|js|sh)$/
const tests = /\.test\.ts$|^(test|bench|scripts)\//
const maxLines = 400

// Each pattern is written so that it does not match its own line.
const bans: readonly Ban[] = [
  {
    pattern: /(oxlint|eslint)-(disable)|prettier-(ignore)|@ts-(ignore|expect-error|nocheck)/,
    files: code,
    advice: 'mend the code instead of silencing the check',
  },
  { pattern: /\b(as|:) (any)\b(?! \w)/, files: /\.ts$/, except: /\.md$/, advice: 'name the type, or use unknown' },
  { pattern: /\b(TO)(DO)\b|\bFIX(ME)\b|\bX(XX)\b/, files: code, advice: 'finish it, or file an issue' },
  {
    pattern: /\bnew (Date)\(\)/,
    files: /\.ts$/,
    except: /(clock|\.test)\.ts$|^(test|bench|scripts)\//,
    advice: 'take a Clock as a parameter',
  },
  {
    pattern: /\bMath\.(random)\b/,
    files: /^(controller\/src\/compile|dataplane\/src\/policy)\//,
    except: tests,
    advice: 'take randomness as a parameter',
  },
  { pattern: /rejectUnauthorized: (false)/, files: code, except: tests, advice: 'verify the peer' },
  {
    pattern: /\.(only|skip|todo|fails)\(|\b(describe|it|test)\.(skipIf|runIf)\b/,
    files: /\.test\.ts$/,
    advice: 'every test runs',
  },
  {
    pattern: /\bset(Timeout)\(\w+, \d{3,}\)|\bsleep\((\d[\d_]{2,})\)/,
    files: /\.test\.ts$/,
    advice: 'wait for the thing itself',
  },
  {
    pattern: /(^|[\s"'`(=])\/(home|root|work|Users)\/\w/,
    files: /./,
    except: /^\.github\/|Dockerfile/,
    advice: 'no path of one machine',
  },
  { pattern: /"(resolved)": "https?:/, files: /^package-lock\.json$/, advice: 'no registry host in the lock file' },
  {
    pattern: /-----BEGIN (RSA |EC )?(PRIVATE) KEY-----/,
    files: /./,
    except: /\.(test\.ts|md)$|^test\/|^crds\//,
    advice: 'no key material in the repository',
  },
]

// What .gitignore keeps out; my-keys is what the guides make.
const skipped = /^(node_modules|dist|coverage|my-keys|\.git|\.gatehouse)$/
const binary = /\.(png|ico|gz|wasm)$/

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (skipped.test(entry.name)) return []
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return filesUnder(path)
    return entry.isFile() && !binary.test(entry.name) ? [path] : []
  })
}

function faultsIn(path: string, text: string): string[] {
  const lines = text.split('\n')
  const concerned = bans.filter((ban) => ban.files.test(path) && ban.except?.test(path) !== true)
  const faults = concerned.flatMap((ban) =>
    lines.flatMap((line, index) =>
      ban.pattern.test(line) ? [`${path}:${index + 1}: ${ban.advice}: ${line.trim().slice(0, 100)}`] : [],
    ),
  )
  if (path.endsWith('.ts') && lines.length > maxLines)
    faults.push(`${path}: ${lines.length} lines: more than one idea?`)
  return faults
}

const root = process.argv[2] ?? join(import.meta.dirname, '..')
const files = filesUnder(root)
const faults = files.flatMap((file) => faultsIn(relative(root, file), readFileSync(file, 'utf8')))
for (const fault of faults) process.stderr.write(`${fault}\n`)
process.stdout.write(`${files.length} files read, ${faults.length} faults\n`)
process.exitCode = faults.length > 0 || files.length === 0 ? 1 : 0
