import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { clusterBinary } from '../cluster/binaries.ts'

/** What Helm said. */
export interface HelmResult {
  readonly status: number
  readonly out: string
  readonly err: string
}

/** The charts of this repository. */
export const chartFolder = (name: 'gatehouse' | 'gatehouse-crds'): string =>
  join(import.meta.dirname, '../../charts', name)

/** Namespace and name of the installation that is rendered. */
export const release = { namespace: 'gatehouse-system', name: 'edge' } as const

/** What Helm is given beside its arguments. */
export interface HelmOptions {
  /** Its standard input. */
  readonly input?: string
  /** Path of the kubeconfig of a test's API server; default: there is no cluster. */
  readonly kubeconfig?: string
}

/** Runs Helm with no settings, plugins or cluster of whoever runs the test. */
export async function helm(args: readonly string[], options: HelmOptions = {}): Promise<HelmResult> {
  const program = await clusterBinary('helm')
  const home = await mkdtemp(join(tmpdir(), 'gatehouse-helm-'))
  try {
    return await new Promise((resolve) => {
      const env = { HOME: home, KUBECONFIG: options.kubeconfig ?? join(home, 'none') }
      const child = execFile(program, [...args], { env, maxBuffer: 64 * 1024 * 1024 }, (_, out, err) => {
        resolve({ status: child.exitCode ?? -1, out, err })
      })
      child.stdin?.end(options.input ?? '')
    })
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

/** Values of a chart: a file's path, or the values themselves. */
export type Values = string | Readonly<Record<string, unknown>>

/** `helm template` of the chart gatehouse, with further arguments. */
export async function template(values: Values, ...args: readonly string[]): Promise<HelmResult> {
  const [file, input] = typeof values === 'string' ? [values, ''] : ['-', stringify(values)]
  const namespace = ['--namespace', release.namespace]
  return await helm(['template', release.name, chartFolder('gatehouse'), ...namespace, '-f', file, ...args], { input })
}

/** What `helm template` renders. @throws Error with what Helm says */
export async function rendered(values: Values): Promise<string> {
  const { status, out, err } = await template(values)
  if (status !== 0) throw new Error(err)
  return out
}
