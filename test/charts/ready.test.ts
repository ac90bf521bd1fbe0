import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { chartCases, objectsOf } from './cases.ts'
import { chartFolder } from './helm.ts'
import { workloadsIn, type Container } from './manifests.ts'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.close()
    await once(server, 'close')
  }
})

/** A data plane's admin server that answers with these statuses, the last of them for ever. */
async function admin(...statuses: readonly number[]): Promise<number> {
  const left = [...statuses]
  const server = createServer(({ url }, answer) => {
    const status = left.length > 1 ? left.shift() : left[0]
    answer.writeHead(url === '/readyz' ? (status ?? 500) : 404, { connection: 'close' }).end()
  })
  servers.push(server.listen(0, '127.0.0.1'))
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const script = readFileSync(join(chartFolder('gatehouse'), 'files/ready.js'), 'utf8')

const runReady = (...args: readonly string[]): Promise<{ readonly status: number; readonly out: string }> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, ['--input-type=module', '-e', script, ...args], (_, out) => {
      resolve({ status: child.exitCode ?? -1, out })
    })
  })

describe('the script of helm test', () => {
  it('is what the Pod runs', async () => {
    const test = workloadsIn(await objectsOf(chartCases[0]!)).find(({ manifest }) => manifest.kind === 'Pod')
    const [container] = test?.spec.containers ?? []
    const { command, args } = container as Container & { command: readonly string[]; args: readonly string[] }
    expect(command).toEqual(['node', '--input-type=module', '-e'])
    expect(args).toEqual([script, 'edge-dataplane-admin.gatehouse-system.svc', '9090', '60'])
  })

  it('waits until the data plane is ready', async () => {
    const port = await admin(503, 200)
    expect(await runReady('127.0.0.1', String(port), '60')).toEqual({ status: 0, out: 'every data plane is ready\n' })
  })

  it('fails when the data plane is not ready in time, and says which', async () => {
    const port = await admin(503)
    expect(await runReady('127.0.0.1', String(port), '2')).toEqual({ status: 1, out: '127.0.0.1: 503\n' })
  })
})
