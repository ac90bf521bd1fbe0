import { describe, expect, it } from 'vitest'
import { fleetServing, route, setUp } from './writerFixture.ts'

describe('the status writer', () => {
  it('looks at nothing again of which all is said', async () => {
    let looks = 0
    const { parents } = route
    const counted = Object.defineProperty({ ...route }, 'parents', {
      get: () => {
        looks += 1
        return parents
      },
    })
    const { writer, statements } = setUp(counted)
    await writer.write(statements())
    const { world, ...rest } = statements()
    await writer.write({ ...rest, world })
    const before = looks
    await writer.write({ ...rest, world })
    expect(looks).toBe(before)
    await writer.write({ ...rest, world, fleet: fleetServing('r') })
    expect(looks).toBeGreaterThan(before)
  })

  it('writes once when data planes serve it soon, and not before they do', async () => {
    const needs = { ...route, resources: ['route/x'] }
    const { memory, writer, statements, statusOf } = setUp(needs)
    const looked = Promise.withResolvers<void>()
    const served = writer.write({ ...statements(), fleet: fleetServing('older', looked.resolve) })
    await looked.promise
    expect(memory.requests).toEqual([])
    void writer.write({ ...statements(), fleet: fleetServing('r') })
    await served
    expect(memory.requests).toEqual(['put orders'])
    expect(statusOf(needs)).toMatchObject({ conditions: [{}, { type: 'Programmed', status: 'True' }] })
  })

  it('says that data planes do not serve it once they had time to', async () => {
    const needs = { ...route, resources: ['route/x'] }
    const { memory, later, writer, statements, statusOf } = setUp(needs)
    const looked = Promise.withResolvers<void>()
    const said = writer.write({ ...statements(), fleet: fleetServing('older', looked.resolve) })
    await looked.promise
    expect(memory.requests).toEqual([])
    later(60_000)
    await said
    expect(statusOf(needs)).toMatchObject({ conditions: [{}, { type: 'Programmed', reason: 'Reconciling' }] })
  })

  it('is patient anew when data planes served it in between', async () => {
    const needs = { ...route, resources: ['route/x'] }
    const { memory, later, writer, statements } = setUp(needs)
    const lagging = async (): Promise<void> => {
      const looked = Promise.withResolvers<void>()
      const said = writer.write({ ...statements(), fleet: fleetServing('older', looked.resolve) })
      await looked.promise
      void writer.write({ ...statements(), fleet: fleetServing('r') })
      await said
    }
    await lagging()
    await writer.write({ ...statements(), fleet: fleetServing('r') })
    later(60_000)
    await lagging()
    expect(memory.requests).toEqual(['put orders'])
  })
})
