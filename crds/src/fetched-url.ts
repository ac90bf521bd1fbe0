import { z } from 'zod'

/** A URL that the gateway itself calls. Which hosts it may call is the Gatehouse's matter (`outbound.allowedHosts`). */
export const fetchedUrl = (description: string) =>
  z
    .string()
    .min(1)
    .max(2048)
    .regex(/^https?:\/\/[a-z0-9.-]+(:[0-9]{1,5})?(\/[!-"$->@-~]*)?(\?[!-"$-~]*)?$/)
    .describe(description)
