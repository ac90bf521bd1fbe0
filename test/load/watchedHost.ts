/**
 * The data plane's own entry, which also answers over IPC how long the longest turn of its event loop was since it was
 * last asked: in milliseconds of processor time, which the machine's other work does not lengthen.
 */
await import('../../dataplane/src/main.ts')

const cpu = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

let last = cpu()
let longest = 0
// A tick comes once in a turn at most, so what was spent between two is at least the longest turn.
setInterval(() => {
  const now = cpu()
  longest = Math.max(longest, now - last)
  last = now
}, 1)

process.on('message', () => {
  process.send?.(longest)
  longest = 0
})
