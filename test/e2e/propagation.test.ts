import { expect, it } from 'vitest'
import { createReport } from '../support/report.ts'
import { provePropagation } from './propagation.ts'

it('brings each of ten edits to all data planes, without an old or a third answer after the new one', async () => {
  const report = createReport()
  await provePropagation({ routes: 20, edits: 10, limit: null }, report)
  expect(report.ok()).toBe(true)
})
