import { z } from 'zod'

/** Whether something decides, or is only tried. */
export const mode = (description: string) => z.enum(['Enforce', 'Shadow']).describe(description)
