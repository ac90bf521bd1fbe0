import { describe, expect, it } from 'vitest'
import { breakerOwner, type BreakerChange } from '../state/breakers.ts'
import { breakerLog } from './breakerLog.ts'
import type { Logger } from './logger.ts'

function told() {
  let time = 0
  const said: unknown[] = []
  const logger: Logger = {
    event: (event, detail) => void said.push([event, detail]),
    decision: () => {},
    flush: () => Promise.resolve(),
  }
  const log = breakerLog(logger, { now: () => 0, monotonic: () => time })
  const tell = (key: string, change: BreakerChange): void => log(key, breakerOwner(key), change)
  return { said, tell, pass: (milliseconds: number) => void (time += milliseconds) }
}

const key = 'shop/orders/all shop/orders:80'
const detail = { resource: 'route/shop/orders', rule: 'all', upstream: 'shop/orders:80' }

describe('the log of breakers', () => {
  it('says that one opened and that it closed', () => {
    const { said, tell } = told()
    tell(key, 'opened')
    tell(key, 'closed')
    expect(said).toEqual([
      ['breaker-opened', detail],
      ['breaker-closed', detail],
    ])
  })

  it('says no more than that in a minute, however often one moves', () => {
    const { said, tell, pass } = told()
    for (let count = 0; count < 100; count++) {
      tell(key, 'opened')
      tell(key, 'closed')
      pass(100)
    }
    expect(said).toHaveLength(2)
    pass(60_000)
    tell(key, 'opened')
    tell(key, 'opened')
    expect(said).toHaveLength(3)
  })

  it('keeps others apart and forgets what is forgotten', () => {
    const { said, tell } = told()
    tell(key, 'opened')
    tell('shop/orders/other shop/orders:80', 'opened')
    tell(key, 'forgotten')
    tell(key, 'opened')
    expect(said).toHaveLength(3)
  })
})
