import { z } from 'zod'
import { canonicalJson } from './canonical.ts'

/** The name of a snapshot: SHA-256 as 64 lower-case hex digits. */
export const revisionName = z.string().regex(/^[0-9a-f]{64}$/)

/** What the leader states of a revision when it publishes it (M21). */
export const revisionStatement = z.strictObject({
  /** `namespace/name` of the Gatehouse. */
  installation: z.string().min(3).max(320),
  /** Of the leader; grows with each one. */
  term: z.int().min(0),
  /** Of the publication within the term: starts at 1, one count for all data planes. */
  sequence: z.int().min(1),
  revision: revisionName,
  /** When it was published, milliseconds since the epoch. */
  issuedAt: z.int().min(0),
})
export type RevisionStatement = z.infer<typeof revisionStatement>

/** A statement and who made it. */
export const signedRevision = z.strictObject({
  ...revisionStatement.shape,
  /** Ed25519 (RFC 8032) over {@link statementBytes}; base64url without padding. */
  signature: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
})
export type SignedRevision = z.infer<typeof signedRevision>

/** What is signed: the UTF-8 bytes of the statement's canonical form. */
export function statementBytes({ installation, term, sequence, revision, issuedAt }: RevisionStatement): Uint8Array {
  return Buffer.from(canonicalJson({ installation, term, sequence, revision, issuedAt }), 'utf8')
}

/** Orders statements of one installation: negative when `a` was made before `b`, 0 when neither was. */
export const compareStatements = (
  a: Pick<RevisionStatement, 'term' | 'sequence'>,
  b: Pick<RevisionStatement, 'term' | 'sequence'>,
): number => a.term - b.term || a.sequence - b.sequence
