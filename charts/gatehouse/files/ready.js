// Asks every data plane behind a name whether it is ready, once a second and at most so many times.
import { lookup } from 'node:dns/promises'
import { setTimeout as pause } from 'node:timers/promises'

const [name, port, rounds] = process.argv.slice(1)

const answerOf = (host) =>
  fetch(`http://${host}:${port}/readyz`, { signal: AbortSignal.timeout(5000) }).then(
    ({ status }) => status,
    () => 'no answer',
  )

/** What is not ready, and why. */
async function unready() {
  const addresses = await lookup(name, { all: true }).catch(() => [])
  if (addresses.length === 0) return [`${name}: no data plane`]
  const hosts = addresses.map(({ address, family }) => (family === 6 ? `[${address}]` : address))
  const answers = await Promise.all(hosts.map(async (host) => ({ host, answer: await answerOf(host) })))
  return answers.filter(({ answer }) => answer !== 200).map(({ host, answer }) => `${host}: ${answer}`)
}

let left = await unready()
for (let round = 1; round < Number(rounds) && left.length > 0; round++) {
  await pause(1000)
  left = await unready()
}
process.stdout.write(left.length === 0 ? 'every data plane is ready\n' : `${left.join('\n')}\n`)
process.exitCode = left.length === 0 ? 0 : 1
