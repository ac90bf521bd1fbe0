import { describe, expect, it } from 'vitest'
import { auditFields } from './auditLog.ts'
import { logReference } from './logReference.ts'
import { operationalEvents, operationalFields } from './operationalLog.ts'

describe('logReference', () => {
  it('names every field and every event', () => {
    const page = logReference()
    for (const field of [...Object.keys(auditFields), ...Object.keys(operationalFields)]) {
      expect(page).toContain(`| \`${field}\` |`)
    }
    for (const event of Object.keys(operationalEvents)) expect(page).toContain(`| \`${event}\` |`)
  })

  it('has no cell that breaks its table', () => {
    const rows = logReference()
      .split('\n')
      .filter((line) => line.startsWith('| `'))
    for (const row of rows) expect(row.split(' | ')).toHaveLength(3)
  })
})
