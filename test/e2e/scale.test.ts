import { expect, it } from 'vitest'
import { createReport } from '../support/report.ts'
import { proveScale } from './scale.ts'

it('brings edits through among many objects and endpoint changes, with one status write for each', async () => {
  const report = createReport()
  const world = { namespaces: 5, routes: 100, services: 20, endpoints: 100, secrets: 50 }
  await proveScale({ ...world, edits: 10, churn: { rate: 50, seconds: 3 }, full: false }, report)
  expect(report.ok()).toBe(true)
})
