import type { DescribedRequest, StandIn } from '@gatehouse/dataplane'
import { z } from 'zod'
import { describedRequest, tokenOf } from './request.ts'
import type { DescribedClient } from './standInObjects.ts'

const text = z.string().max(4096)
const words = z.array(text).max(64)

/** A request in a file. Unknown keys are refused: a misspelt one would test something else. */
export const requestSchema = z.strictObject({
  method: text.optional(),
  url: text,
  headers: z.record(z.string(), text).optional(),
  sourceIP: text.optional(),
  /** Stands for a verified token. */
  claims: z.record(z.string(), z.unknown()).optional(),
  /** Stands for a verified API key: the client as its Secret has it. */
  clientId: text.optional(),
  /** Stands for a verified API key: the client is described, whatever the Secrets hold. */
  client: z
    .strictObject({
      id: text,
      roles: words.default([]),
      scopes: words.default([]),
      tenant: text.optional(),
      plan: text.optional(),
    })
    .optional(),
  /** PEM; stands for a certificate that the listener has verified. */
  clientCertificate: z.string().max(65_536).optional(),
})

export type FileRequest = z.infer<typeof requestSchema>

/** A request of a file, and the client that has to be made up for it. */
export interface ReadyRequest {
  readonly request: DescribedRequest
  readonly client: DescribedClient | null
}

/** @param now - milliseconds since the epoch. @throws BadDescription */
export function readyRequest(described: FileRequest, now: number): ReadyRequest {
  const { method, url, headers, sourceIP, claims, clientId, client, clientCertificate: certificate } = described
  const id = client?.id ?? clientId
  const standIn: StandIn | null =
    claims !== undefined ? tokenOf(claims, now) : id === undefined ? null : { type: 'ApiKey', clientId: id }
  return {
    request: describedRequest({ method, url, headers, sourceIP, certificate, standIn }),
    client: client ?? null,
  }
}
