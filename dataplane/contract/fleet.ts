import { z } from 'zod'

/** The data planes of the installation together. It changes with every scale, and nothing is built of it. */
export const fleet = z.strictObject({
  /** Among how many the limits are divided that hold for all of them together. */
  dataPlanes: z.int().min(1).max(1_000_000),
})
