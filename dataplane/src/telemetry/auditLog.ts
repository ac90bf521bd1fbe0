import { decisionFields } from './decisionFields.ts'
import type { FieldTable } from './fields.ts'

/** The audit log: one line for each request that the policy let through. */
export const auditFields = decisionFields satisfies FieldTable
