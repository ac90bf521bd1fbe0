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
})
export type Balancing = z.infer<typeof balancing>
