import type { Clock } from '../clock.ts'
import type { ControllerEvent, EventDetail } from '../log.ts'
import { mintFor, type Mint } from './mint.ts'
import { memorySecrets, type MemorySecrets } from './memorySecretsFixture.ts'
import { renewCertificates, type RenewOptions } from './renew.ts'

export const installation = { namespace: 'gatehouse-system', name: 'edge' }
export const names = {
  authority: 'edge-push-authority',
  controller: 'edge-push-controller',
  dataplane: 'edge-push-dataplane',
} as const

/** A clock that a test sets. */
export interface TestClock extends Clock {
  advance(milliseconds: number): void
}

export function testClock(start: number): TestClock {
  let now = start
  return { now: () => now, monotonic: () => now, advance: (milliseconds) => void (now += milliseconds) }
}

/** Secrets in memory and a keeper for them, with real keys and certificates. */
export interface Renewal {
  readonly memory: MemorySecrets
  readonly clock: TestClock
  readonly lines: { event: ControllerEvent; detail: EventDetail }[]
  run(options?: Partial<RenewOptions>): Promise<void>
}

export function renewal(mint: Mint = mintFor(installation), start = Date.UTC(2026, 10, 26)): Renewal {
  const memory = memorySecrets(installation.namespace)
  const clock = testClock(start)
  const lines: Renewal['lines'] = []
  const run = (options: Partial<RenewOptions> = {}): Promise<void> =>
    renewCertificates({
      installation,
      source: 'Own',
      secrets: memory.secrets,
      mint,
      clock,
      log: (event, detail = {}) => void lines.push({ event, detail }),
      mayCreate: true,
      mayWrite: () => true,
      ...options,
    })
  return { memory, clock, lines, run }
}
