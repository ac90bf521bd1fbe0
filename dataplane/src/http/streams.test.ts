import { afterEach, describe, expect, it } from 'vitest'
import type { BuiltGateway } from '../gateway/build.ts'
import { clock, gateway } from '../gateway/callerFixture.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { authorizationRule, policy, quota, request } from '../gateway/snapshotFixture.ts'
import { Streams, type Stream } from './streams.ts'

const under = (over: Parameters<typeof policy>[0]): BuiltGateway => gateway(policy(over))

let serving: Gateway | null = null
let streams: Streams | null = null
afterEach(() => streams?.close())

/** A stream that a gateway admitted, and how it ended. */
function opened(over: Partial<Stream> = {}) {
  streams = new Streams({ clock, gateway: () => serving })
  const ends: string[] = []
  const stream: Stream = {
    raw: request(),
    arrived: clock.monotonic(),
    expiresAt: null,
    admittedBy: serving,
    end: (code) => void ends.push(code),
    ...over,
  }
  streams.add(stream)
  return { ends, stream }
}

/** Looks when a second has passed. */
function look(): void {
  clock.advance(1000)
  streams!.look()
}

describe('a stream (M17)', () => {
  it('goes on while nothing changes, and when a change lets it', () => {
    serving = under({}).gateway
    const { ends } = opened()
    look()
    serving = under({ quotas: [quota(['IP'], { rates: [{ limit: 1, window: 1000, burst: 1 }] })] }).gateway
    look()
    serving = under({ quotas: [quota(['Principal'], { rates: [{ limit: 1, window: 1000, burst: 1 }] })] }).gateway
    look()
    expect(ends).toEqual([])
  })

  it('ends when a change refuses the request that it began with', () => {
    serving = under({}).gateway
    const { ends } = opened()
    serving = under({ rules: [authorizationRule('Deny'), authorizationRule('Allow')] }).gateway
    look()
    expect(ends).toEqual(['forbidden'])
  })

  it('ends when its credential has expired', () => {
    serving = under({}).gateway
    const { ends } = opened({ expiresAt: clock.now() + 1500 })
    look()
    expect(ends).toEqual([])
    look()
    expect(ends).toEqual(['unauthenticated'])
  })

  it('is not looked at in its first second, nor when it is over', () => {
    serving = under({}).gateway
    const { ends, stream } = opened({ expiresAt: 0 })
    streams!.look()
    expect(ends).toEqual([])
    streams!.delete(stream)
    look()
    expect(ends).toEqual([])
  })
})
