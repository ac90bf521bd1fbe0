import { expect, it } from 'vitest'
import { metricList } from './metricList.ts'
import { metricReference } from './metricReference.ts'

it('names every metric in a row of four cells', () => {
  const rows = metricReference()
    .split('\n')
    .filter((line) => line.startsWith('| `'))
  expect(rows.map((row) => row.split('`')[1])).toEqual(Object.keys(metricList))
  for (const row of rows) expect(row.split(' | ')).toHaveLength(4)
})
