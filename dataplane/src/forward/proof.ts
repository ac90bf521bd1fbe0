import { tokenHeader, type BackendAuth } from '@gatehouse/contract'
import type { Gateway, PermitContent } from '../gateway/gateway.ts'

/** A header with which the gateway proves itself to a backend: lower-case name, value. */
export type Proof = readonly [name: string, value: string]

/** Why there is none: its key or Secret is not there, or the caller cannot be told. */
export type NoProof = 'config-invalid' | 'forbidden'

/** What the proof of one request is made of. */
export interface ProvenRequest {
  readonly content: PermitContent
  /** Path and query as the backend gets them. */
  readonly target: string
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Of this try; never used for another. */
  readonly id: string
}

/** @returns null when the backend asks for none */
export function proofOf(
  auth: BackendAuth | null,
  { backendHeaders, signer }: Gateway,
  { content, target, now, id }: ProvenRequest,
): Proof | NoProof | null {
  if (auth === null) return null
  if (auth.type === 'Header') {
    const header = backendHeaders.get(auth.header)
    return header === undefined ? 'config-invalid' : [header.name, header.value]
  }
  if (signer === null) return 'config-invalid'
  const { facts, judgement, principal } = content
  const request = { audience: auth.audience, route: judgement.route ?? '', principal, method: facts.method, target }
  const token = signer.token(request, now, id)
  return token === null ? 'forbidden' : [tokenHeader, token]
}
