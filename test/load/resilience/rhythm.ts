import { setTimeout as pause } from 'node:timers/promises'

/** In which rhythm clients ask. Each gives back what came of all, in the order in which they began. */
type Ask<T> = () => Promise<T>

/** One after the other. */
export async function inTurn<T>(count: number, ask: Ask<T>): Promise<T[]> {
  const found: T[] = []
  while (found.length < count) found.push(await ask())
  return found
}

/** All at the same time. */
export const atOnce = <T>(count: number, ask: Ask<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, () => ask()))

/** So many clients for so many milliseconds, each one request after the other. */
export async function byClients<T>(count: number, milliseconds: number, ask: Ask<T>): Promise<T[]> {
  const until = performance.now() + milliseconds
  const found: Promise<T>[] = []
  const client = async (): Promise<void> => {
    while (performance.now() < until) {
      const asked = ask()
      found.push(asked)
      await asked
    }
  }
  await atOnce(count, client)
  return Promise.all(found)
}

/** So many a second for so many milliseconds, whether or not the one before has been answered. */
export async function steadily<T>(rate: number, milliseconds: number, ask: Ask<T>): Promise<T[]> {
  const began = performance.now()
  const found: Promise<T>[] = []
  for (let due = 0; due < milliseconds; due += 1000 / rate) {
    const wait = began + due - performance.now()
    if (wait > 0) await pause(wait)
    found.push(ask())
  }
  return Promise.all(found)
}
