import { z } from 'zod'

/** A JSON object of which the API server knows nothing and keeps everything; the controller checks what is in it. */
export const freeForm = (description: string) =>
  z.record(z.string(), z.unknown()).meta({
    description,
    'x-kubernetes-preserve-unknown-fields': true,
    'x-kubernetes-map-type': 'atomic',
  })
