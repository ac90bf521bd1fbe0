/**
 * The data plane's own entry, which also answers over IPC how much memory it holds after a forced collection. Started
 * with `--expose-gc`.
 */
export interface Memory {
  /** Bytes. */
  readonly heap: number
  readonly resident: number
}

await import('../../dataplane/src/main.ts')

process.on('message', () => {
  void collected().then((memory) => process.send!(memory))
})

async function collected(): Promise<Memory> {
  // Finalizers run between collections and free what the next one can take.
  for (let round = 0; round < 5; round++) {
    globalThis.gc!()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const { heapUsed, rss } = process.memoryUsage()
  return { heap: heapUsed, resident: rss }
}
