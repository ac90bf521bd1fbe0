import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { kinds } from './src/index.ts'

/** The estimator of the API server itself, at the version that the tests run. */
const estimator = join(import.meta.dirname, '../test/cluster/celcost')

const files = Object.values(kinds).map(({ plural }) => join(import.meta.dirname, `${plural}.yaml`))
const { status, error } = spawnSync('go', ['run', '-C', estimator, '.', ...files], { stdio: 'inherit' })
if (error) process.stderr.write('The CEL costs cannot be estimated: this needs Go, and "go" is not in PATH\n')
process.exitCode = status ?? 1
