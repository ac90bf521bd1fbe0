import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { clientPool } from '../support/clientPool.ts'

/**
 * A tenant's client and its backend in a process of their own, so that no other load of a proof can make them late. It
 * says first where the backend is.
 */

/** For how long to ask, and where. */
export interface Asking {
  readonly address: string
  readonly port: number
  readonly host: string
  readonly milliseconds: number
}

/** How long answers took, in milliseconds; `late` is what one in a hundred exceeds, `worst` that of the slowest. */
export interface Waits {
  readonly count: number
  readonly failed: number
  readonly median: number
  readonly late: number
  readonly worst: number
}

/** Milliseconds between two requests, whether or not the one before has been answered. */
const interval = 10

async function waits({ address, port, host, milliseconds }: Asking): Promise<Waits> {
  const pool = clientPool({ address, port }, 16)
  const times: number[] = []
  let failed = 0
  const ask = async (): Promise<void> => {
    const begun = performance.now()
    const status = await pool.get('/', { host }).then(
      (answer) => answer.status,
      () => 0,
    )
    if (status !== 200) failed++
    times.push(performance.now() - begun)
  }
  await Promise.all(Array.from({ length: 16 }, ask))
  times.length = 0
  const open: Promise<void>[] = []
  const begun = performance.now()
  for (let due = begun; due < begun + milliseconds; due += interval) {
    const wait = due - performance.now()
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    open.push(ask())
  }
  await Promise.all(open)
  pool.close()
  times.sort((a, b) => a - b)
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? 0
  return { count: times.length, failed, median: at(0.5), late: at(0.99), worst: times.at(-1) ?? 0 }
}

const server = createServer((_, response) => {
  response.end('{}')
})
server.listen(0, '127.0.0.1', () => {
  const { address, port } = server.address() as AddressInfo
  process.send?.({ address, port })
})
server.unref()

process.on('message', (asking: Asking) => {
  void waits(asking).then((found) => process.send?.(found))
})
