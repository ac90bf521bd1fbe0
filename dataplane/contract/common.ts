import { z } from 'zod'

/** Shapes that several kinds of resources share. */
export const name = z.string().min(1).max(600)
export const text = z.string().max(4096)
export const milliseconds = z.int().min(0)
/** The longest that a timer runs, in milliseconds: 24 days and 20 hours. A longer one would fire at once. */
export const maxTimer = 2 ** 31 - 1
export const timer = z.int().min(0).max(maxTimer)
export const port = z.int().min(1).max(65535)
export const cidr = z.string().min(1).max(64)

/** Names an object of the cluster in records and state keys; never looked up. */
export const objectName = z.strictObject({ namespace: z.string().min(1).max(63), name: z.string().min(1).max(253) })
export type ObjectName = z.infer<typeof objectName>

/** Upper-case method names; null = any. GET covers HEAD. */
export const methods = z.array(z.string().min(1).max(32)).min(1).max(16).nullable()

export const claimPath = z.array(z.string().min(1).max(128)).min(1).max(8)

const pathValue = z.string().min(1).max(1024)

/** A `Template` has elements `{name}`, each of which stands for one element that is not empty. */
export const pathMatch = z.strictObject({ type: z.enum(['Exact', 'PathPrefix', 'Template']), value: pathValue })
export type PathMatch = z.infer<typeof pathMatch>
