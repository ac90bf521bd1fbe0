import { startSandbox } from '../cluster/sandbox.ts'

/** Starts a sandbox, prints how to enter it, and keeps it until this process is ended from outside. */
const { pid, cgroups, folder } = await startSandbox({ hostname: 'sandbox', address: '10.245.0.1', dns: '10.97.0.10' })
process.stdout.write(`${JSON.stringify({ pid, cgroups, folder })}\n`)
process.stdin.resume()
