import { decisionFields } from './decisionFields.ts'
import type { FieldTable } from './fields.ts'

/** The security log: one line for each request that was refused. */
export const securityFields = decisionFields satisfies FieldTable
