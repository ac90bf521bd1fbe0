import { z } from 'zod'
import { isSecretKind } from './resources.ts'
import { signedRevision } from './signedRevision.ts'
import { sealedResource, type SealedResource } from './snapshot.ts'

/**
 * The two files of a last good snapshot: lines of JSON, a head and then one for each resource. `configuration` names all
 * resources, the secret ones without their spec; `secrets` holds those. The hashes of `configuration` make the revision,
 * which the signature in each head covers: neither file proves more than the leader has signed.
 */
export type LastGoodPart = 'configuration' | 'secrets'

export const lastGoodHead = z.strictObject({
  format: z.literal(1),
  part: z.enum(['configuration', 'secrets']),
  signed: signedRevision,
})
export type LastGoodHead = z.infer<typeof lastGoodHead>

const hashOnly = sealedResource.omit({ spec: true })

/** A line of `configuration`. */
export const lastGoodLine = z.union([sealedResource, hashOnly])
export type LastGoodLine = z.infer<typeof lastGoodLine>

/** What a file says of a resource; null = nothing. */
export function lastGoodLineOf(resource: SealedResource, part: LastGoodPart): LastGoodLine | null {
  const secret = isSecretKind(resource.kind)
  if (part === 'secrets') return secret ? resource : null
  return secret ? { kind: resource.kind, name: resource.name, hash: resource.hash } : resource
}
