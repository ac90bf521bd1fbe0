import { readFile } from 'node:fs/promises'
import { request } from 'node:https'
import type { Spending, SpendOptions } from './spending.ts'

/**
 * Asks steadily, each time over a new connection, so that all data planes are asked, and counts what is permitted by
 * windows. Started on the node with its options as JSON; ends when its standard input does, and then prints a {@link Spending}.
 */
const { address, port, host, caFile, path, rate, window } = JSON.parse(process.argv[2] ?? '{}') as SpendOptions
const ca = await readFile(caFile, 'utf8')
const sure = new Map<number, number>()
const unsure = new Map<number, number>()
const counts = { refused: 0, failed: 0 }

const add = (to: Map<number, number>, key: number): void => void to.set(key, (to.get(key) ?? 0) + 1)
const windowOf = (time: number): number => Math.floor(time / window)

/** Which window a permitted request was counted in is known when it began and ended in the same one. */
function permitted(began: number, ended: number): void {
  const [first, last] = [windowOf(began), windowOf(ended)]
  if (first === last) add(sure, first)
  else for (let one = first; one <= last; one++) add(unsure, one)
}

function ask(): void {
  const began = Date.now()
  const options = { host: address, port, servername: host, path, ca, agent: false, headers: { host } } as const
  const outgoing = request({ ...options, signal: AbortSignal.timeout(10_000) }, (response) => {
    response.resume().on('end', () => {
      if (response.statusCode === 200) permitted(began, Date.now())
      else if (response.statusCode === 429) counts.refused++
      else counts.failed++
    })
  })
  outgoing.on('error', () => counts.failed++)
  outgoing.end()
}

const timer = setInterval(ask, 1000 / rate)
process.stdin.resume().on('end', () => {
  clearInterval(timer)
  const spending: Spending = { sure: [...sure], unsure: [...unsure], ...counts }
  process.stdout.write(JSON.stringify(spending), () => process.exit(0))
})
