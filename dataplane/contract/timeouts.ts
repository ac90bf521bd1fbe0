import { z } from 'zod'
import { timer } from './common.ts'

/** Milliseconds; 0 = no limit of its own. `request` is never 0 when the installation has a bound. */
export const timeouts = z.strictObject({
  request: timer,
  backendRequest: timer,
  connect: timer,
  idle: timer,
  /** Of an answer whose length is not known beforehand, from the start of its request. */
  maxStreamAge: timer,
})
