import { z } from 'zod'
import { timer } from './common.ts'

/** What requests must share to go to the same address. */
const hashKey = z.discriminatedUnion('type', [
  /** Lower case. */
  z.strictObject({ type: z.literal('Header'), name: z.string().min(1).max(256) }),
  z.strictObject({ type: z.literal('Cookie'), name: z.string().min(1).max(256) }),
  z.strictObject({ type: z.literal('SourceIP') }),
  /** The principal's id (M5). */
  z.strictObject({ type: z.literal('Principal') }),
])
export type HashKey = z.infer<typeof hashKey>

/** GET of a path at each address, again and again. */
const activeCheck = z.strictObject({
  /** With the query; what HTTP/1.1 can carry as a target. */
  path: z
    .string()
    .max(1024)
    .regex(/^\/[!"$-~]*$/),
  /** Milliseconds. */
  interval: timer.min(1000),
  timeout: timer.min(1).max(10_000),
  /** In a row. */
  healthyThreshold: z.int().min(1).max(10),
  unhealthyThreshold: z.int().min(1).max(10),
  expectedStatuses: z.array(z.int().min(200).max(599)).min(1).max(16),
})
export type ActiveCheck = z.infer<typeof activeCheck>

/** Takes out an address at which requests fail. */
const passiveCheck = z.strictObject({
  consecutiveErrors: z.int().min(1).max(1000),
  /** Milliseconds, the first time. */
  ejectFor: timer.min(1000),
  maxEjectionPercent: z.int().min(1).max(100),
})
export type PassiveCheck = z.infer<typeof passiveCheck>

/** Which address of an upstream a request goes to. */
export const balancing = z.strictObject({
  pick: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('RoundRobin') }),
    z.strictObject({ type: z.literal('LeastRequest') }),
    z.strictObject({ type: z.literal('PeakEwma') }),
    z.strictObject({ type: z.literal('ConsistentHash'), key: hashKey }),
  ]),
  /** Milliseconds in which an address that is new comes to its whole share; 0 = it has it at once. */
  slowStart: timer,
  /** When a smaller share of the addresses is healthy, in percent, health is ignored. */
  panicThreshold: z.int().min(0).max(100),
  /** null = nobody asks. */
  active: activeCheck.nullable(),
  /** null = none is taken out. */
  passive: passiveCheck.nullable(),
})
export type Balancing = z.infer<typeof balancing>
