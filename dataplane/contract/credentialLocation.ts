import { z } from 'zod'
import { name } from './common.ts'

/** What browsers send as Origin (RFC 6454 6.2): scheme, host and the port where it is not the scheme's own. */
export const origin = z.string().min(1).max(300)

/** Where a provider looks for its credential. */
export const credentialLocation = z.union([
  z.strictObject({
    /** Lower-case header name. Never `cookie`: what a browser sends by itself needs the check of a cookie. */
    header: name.refine((header) => header !== 'cookie'),
    /** What precedes the credential, such as `Bearer `; compared without case (RFC 9110 11.1); may be empty. */
    prefix: z.string().max(64),
  }),
  z.strictObject({
    /** The name of a cookie, in its case (RFC 6265). */
    cookie: name,
    /** Origins, beside the request's own, from which it is taken with a method that is not safe. */
    allowedOrigins: z.array(origin).max(16),
  }),
  z.strictObject({
    /** The name of a query parameter, in its case: unreserved characters (RFC 3986 2.3). */
    query: name,
  }),
])
export type CredentialLocation = z.infer<typeof credentialLocation>

export const credentialLocations = z.array(credentialLocation).min(1).max(8)
