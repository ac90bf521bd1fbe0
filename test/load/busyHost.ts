/**
 * The data plane's own entry, which also answers over IPC how busy it was since it was last asked.
 */
export interface Busyness {
  /** CPU time of the process, microseconds. */
  readonly cpu: number
  /** The longest time between two turns of a timer of 1 ms, milliseconds: also when others had the core. */
  readonly late: number
  /** The most CPU time of the main thread between two such turns, milliseconds: what it keeps requests waiting by itself. */
  readonly turn: number
}

await import('../../dataplane/src/main.ts')

const threadTime = (): number => {
  const { user, system } = process.threadCpuUsage()
  return user + system
}
let before = { cpu: threadTime(), time: performance.now() }
let longest = { cpu: 0, time: 0 }
setInterval(() => {
  const now = { cpu: threadTime(), time: performance.now() }
  longest = {
    cpu: Math.max(longest.cpu, now.cpu - before.cpu),
    time: Math.max(longest.time, now.time - before.time),
  }
  before = now
}, 1).unref()
let last = process.cpuUsage()

process.on('message', () => {
  const { user, system } = process.cpuUsage(last)
  const answer: Busyness = { cpu: user + system, late: longest.time, turn: longest.cpu / 1000 }
  last = process.cpuUsage()
  longest = { cpu: 0, time: 0 }
  process.send!(answer)
})
