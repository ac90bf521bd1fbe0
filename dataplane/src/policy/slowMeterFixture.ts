import type { Meter } from './meter.ts'

/**
 * Counting as one would explain it, in fractions of whole numbers that cannot round and with all that ever happened kept:
 * what meters are tested against. Times are ticks.
 */
export interface SlowMeter {
  /** Whether a cost fits. */
  fits(cost: number, now: number): boolean
  take(cost: number, now: number): void
  /** Takes whether it fits or not. */
  owe(cost: number, now: number): void
  limit(limit: number, burst: number, now: number): void
}

export const slowMeter = (meter: Meter): SlowMeter =>
  meter.algorithm === 'TokenBucket' ? slowBucket(meter) : slowWindows(meter)

/** A bucket that drips once a tick. */
function slowBucket({ ticks, limit, burst }: Meter): SlowMeter {
  let [rate, room] = [BigInt(limit), BigInt(burst)]
  const whole = BigInt(ticks)
  let used = 0n
  let time = 0
  const drip = (now: number): void => {
    for (; time < now; time++) used = used > rate ? used - rate : 0n
  }
  return {
    fits(cost, now) {
      drip(now)
      return used + BigInt(cost) * whole <= room * whole
    },
    take(cost, now) {
      drip(now)
      used += BigInt(cost) * whole
    },
    owe(cost, now) {
      drip(now)
      used += BigInt(cost) * whole
    },
    limit(next, burstNext, now) {
      drip(now)
      rate = BigInt(next)
      room = BigInt(burstNext)
    },
  }
}

/** Every window that ever was, with what was taken in it; what is owed is paid by the next that has room. */
function slowWindows({ algorithm, ticks, limit }: Meter): SlowMeter {
  const taken = new Map<number, bigint>()
  let owed = 0n
  let most = BigInt(limit)
  let window = 0
  const inWindow = (index: number): bigint => taken.get(index) ?? 0n
  const pay = (): void => {
    const room = most - inWindow(window)
    const paid = room > 0n ? (owed < room ? owed : room) : 0n
    taken.set(window, inWindow(window) + paid)
    owed -= paid
  }
  const go = (now: number): void => {
    for (; window < Math.floor(now / ticks); window++, pay());
    pay()
  }
  const estimate = (now: number): bigint => {
    const left = algorithm === 'SlidingWindow' ? BigInt((window + 1) * ticks - now) : 0n
    return inWindow(window - 1) * left + inWindow(window) * BigInt(ticks)
  }
  return {
    fits(cost, now) {
      go(now)
      return estimate(now) + BigInt(cost) * BigInt(ticks) <= most * BigInt(ticks)
    },
    take(cost, now) {
      go(now)
      taken.set(window, inWindow(window) + BigInt(cost))
    },
    owe(cost, now) {
      go(now)
      owed += BigInt(cost)
      pay()
    },
    limit(next, _burst, now) {
      go(now)
      most = BigInt(next)
    },
  }
}
