import { resourceSpecs } from '@gatehouse/contract'
import { expect, it } from 'vitest'
import { createGatewayState } from '../state/gatewayState.ts'
import type { Lease } from '../state/lease.ts'
import { holdState, type PolicyStateTools } from './policyState.ts'
import { policy, quota, testClock } from './snapshotFixture.ts'

/** Where policies remember, and how many shares of it they hold. */
function counted() {
  const clock = testClock()
  const state = createGatewayState({ clock, random: () => 0 })
  let shares = 0
  const watched = <T>(lease: Lease<T>): Lease<T> => {
    shares++
    const release = (): void => {
      shares--
      lease.release()
    }
    return { ...lease, release }
  }
  const tools: PolicyStateTools = {
    ...state,
    meters: { ...state.meters, acquire: (...asked) => watched(state.meters.acquire(...asked)) },
    slots: { ...state.slots, acquire: (identity) => watched(state.slots.acquire(identity)) },
    parsed: { trust: new Map(), unreadable: { trust: new Set() } },
    outbound: { podCIDRs: [], allowLoopback: false, deniedAddresses: [] },
    purpose: 'Enforce',
  }
  return { tools, shares: () => shares, close: () => state.close() }
}

it('holds all that a policy remembers, or nothing', () => {
  const { tools, shares, close } = counted()
  const one = policy({ concurrency: { keys: ['IP'], limit: 1 } })
  const parsed = { name: one.name, hash: '', spec: resourceSpecs.policy.parse(one.spec) }
  const sound = { quota: quota(['IP']), tried: false }
  const held = holdState(parsed, [sound], tools)
  expect(shares()).toBe(2)
  held.leases.forEach((lease) => lease.release())
  expect(shares()).toBe(0)
  const calendar = { limit: 1, period: 'Day', timeZone: 'Nowhere/Else' } as const
  const unsound = { quota: quota(['IP'], { name: 'by day', rates: [], calendar }), tried: false }
  expect(() => holdState(parsed, [sound, unsound], tools)).toThrow(RangeError)
  expect(shares()).toBe(0)
  close()
})
