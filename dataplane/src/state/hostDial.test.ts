import { createServer, type AddressInfo, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { testClock } from '../gateway/snapshotFixture.ts'
import { addressRules } from './addressRules.ts'
import { hostDial, type HostTarget } from './hostDial.ts'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
})

async function listening(): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => {}).end())
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const clock = testClock()
const rules = (allowLoopback: boolean) => addressRules({ podCIDRs: [], deniedAddresses: [], allowLoopback })

function dialOf(port: number, answers: (string[] | Error)[], over: Partial<HostTarget> = {}) {
  const asked: string[] = []
  const resolve = (name: string): Promise<readonly string[]> => {
    asked.push(name)
    const answer = answers.length > 1 ? answers.shift()! : answers[0]!
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
  }
  const target = { name: 'legacy.example', port, addresses: 'Public' as const, rules: rules(true), tls: null, ...over }
  const dial = hostDial(target, 1000, { resolve, clock })
  const outcome = async (): Promise<string> => {
    try {
      const socket = await dial()
      socket.destroy()
      return 'connected'
    } catch (error) {
      return error instanceof Error ? error.message : ''
    }
  }
  return { outcome, asked }
}

const none = 'the host has no address that may be dialled'

describe('hostDial', () => {
  it('asks for the name again only after a while', async () => {
    const { outcome, asked } = dialOf(await listening(), [['127.0.0.1']])
    expect(await outcome()).toBe('connected')
    expect(await outcome()).toBe('connected')
    expect(asked).toEqual(['legacy.example'])
    clock.advance(10_000)
    expect(await outcome()).toBe('connected')
    expect(asked).toHaveLength(2)
  })

  it('asks once for all that wait', async () => {
    const { outcome, asked } = dialOf(await listening(), [['127.0.0.1']])
    expect(await Promise.all([outcome(), outcome(), outcome()])).toEqual(['connected', 'connected', 'connected'])
    expect(asked).toHaveLength(1)
  })

  it('does not follow a name to where it must not go', async () => {
    const { outcome } = dialOf(await listening(), [['127.0.0.1'], ['169.254.169.254', '10.0.0.1', '::1%lo']])
    expect(await outcome()).toBe('connected')
    clock.advance(10_000)
    expect(await outcome()).toBe(none)
  })

  it.each([
    ['loopback', { rules: rules(false) }, ['127.0.0.1', '::1', '::ffff:127.0.0.1']],
    ['what is not loopback, without TLS', {}, ['192.0.2.1', '8.8.8.8']],
    ['private addresses', { tls: {} }, ['10.1.2.3', '192.168.0.1', 'fd00::1']],
    ['addresses that are none', { tls: {} }, ['', 'localhost', '0x7f000001', '127.1']],
  ])('dials not %s', async (_name, over, addresses) => {
    expect(await dialOf(1, [addresses], over).outcome()).toBe(none)
  })

  it('takes an address for itself, checked all the same', async () => {
    const { outcome, asked } = dialOf(await listening(), [[]], { name: '127.0.0.1' })
    expect(await outcome()).toBe('connected')
    expect(asked).toEqual([])
    expect(await dialOf(1, [[]], { name: '169.254.169.254', tls: {} }).outcome()).toBe(none)
  })

  it('tries the next address', async () => {
    expect(await dialOf(await listening(), [['127.0.0.2', '127.0.0.1']]).outcome()).toBe('connected')
  })

  it('keeps the addresses of a name that can no longer be resolved, for a while', async () => {
    const { outcome } = dialOf(await listening(), [['127.0.0.1'], new Error('no answer')])
    expect(await outcome()).toBe('connected')
    clock.advance(60_000)
    expect(await outcome()).toBe('connected')
    clock.advance(300_000)
    expect(await outcome()).toBe('no answer')
  })

  it('does not wait for a resolver for ever', async () => {
    const target = { name: 'a.example', port: 1, addresses: 'Public' as const, rules: rules(true), tls: null }
    const dial = hostDial(target, 50, { resolve: () => new Promise(() => {}), clock })
    await expect(dial()).rejects.toMatchObject({ code: 'ETIMEDOUT' })
  })
})
