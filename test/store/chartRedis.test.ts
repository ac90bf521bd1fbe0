import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { connectToLeader } from '../../dataplane/src/state/store/leader.ts'
import { byText, storeScript } from '../../dataplane/src/state/store/script.ts'
import { manifestsIn, workloadsIn } from '../charts/manifests.ts'
import { startRedis } from '../support/redisServer.ts'

const host = '127.0.0.1'
const golden = new URL('../charts/cases/redis.golden.yaml', import.meta.url)

/** What the chart starts its Redis with, as lines of a configuration; its own port and users are not for here. */
function chartLines(): string[] {
  const redis = workloadsIn(manifestsIn(readFileSync(golden, 'utf8')))
    .flatMap(({ spec }) => spec.containers)
    .find(({ name }) => name === 'redis')
  const args = redis?.args ?? []
  const lines = args.flatMap((name, index) =>
    name.startsWith('--') ? [`${name.slice(2)} ${JSON.stringify(args[index + 1])}`] : [],
  )
  return lines.filter((line) => !/^(port|aclfile) /.test(line))
}

/** The most that Redis keeps of a command of somebody who is not logged in. */
const begun = `*10\r\n$16000\r\n${'a'.repeat(15_900)}`

/** Connections of somebody without a password, as many as are taken. */
async function crowd(port: number): Promise<Socket[]> {
  const sockets: Socket[] = []
  let full = false
  while (!full) {
    const socket = connect({ host, port }).on('error', () => (full = true))
    socket.on('data', () => (full = true))
    sockets.push(socket)
    await Promise.race([once(socket, 'connect'), once(socket, 'close')])
    socket.write(begun)
  }
  return sockets
}

it('counts on, and keeps what it has counted, while somebody without a password takes all connections', async () => {
  const users = ['user default reset', 'user gatehouse on >secret ~{test}* -@all +eval +evalsha +time +get +set +del']
  const lines = chartLines()
  expect(lines).toContain('maxmemory-policy "noeviction"')
  const redis = await startRedis({ lines: [...lines, ...users] })
  onTestFinished(() => redis.close())
  const connection = await connectToLeader(
    {
      topology: { type: 'Single', server: { host, port: redis.port } },
      site: { tls: null, rules: { denied: [], pods: null, allowLoopback: true }, resolve: () => Promise.resolve([]) },
      login: { username: 'gatehouse', password: 'secret' },
      probeKey: '{test}probe',
      timeout: 5000,
    },
    () => {},
  )
  onTestFinished(() => connection.close())
  const sockets = await crowd(redis.port)
  expect(sockets.length).toBeGreaterThan(100)
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()))
  const write = storeScript(`return redis.call('SET', KEYS[1], '1')`)
  expect(await connection.send(byText(write, ['{test}n'], []))).toBe('OK')
  expect(await connection.send(byText(storeScript(`return redis.call('GET', KEYS[1])`), ['{test}n'], []))).toBe('1')
})
