import { fromDataplane, storeFault, type StoreFault } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { sessionOf } from '../push/sessionFixture.ts'
import type { SessionState } from '../push/sessions.ts'
import { storeFindings, storeOutageOf } from './storeOutage.ts'

const serving = (fault: StoreFault | null): SessionState => sessionOf({ revision: 'r', storeFault: fault })
const resources = ['installation/installation', 'quotaStore/quota-store']
const message = (...faults: (StoreFault | null)[]): string | undefined =>
  storeFindings(storeOutageOf(faults.map(serving)), resources)[0]?.message

describe('what is said of the store of an installation', () => {
  it('is at how many of the data planes that serve it cannot be counted in, and why, the most of them first', () => {
    const outage = storeOutageOf([
      ...[null, 'denied' as const, 'timeout' as const, 'timeout' as const].map(serving),
      sessionOf(),
    ])
    expect(outage).toEqual(['timeout at 2 of 4 data planes', 'denied at 1 of 4 data planes'])
    expect(storeFindings(outage, resources)).toMatchObject([
      { type: 'QuotaStoreUnavailable', status: 'True', reason: 'StoreFailing' },
    ])
    expect(message('denied', 'timeout')).toBe(message('timeout', 'denied'))
  })

  it('is in the singular where there is one data plane', () => {
    expect(storeOutageOf([serving('denied')])).toEqual(['denied at 1 of 1 data plane'])
  })

  it('is nothing where it can be counted in everywhere', () => {
    expect(storeOutageOf([null, null].map(serving))).toEqual([])
    expect(message(null, null)).toBeUndefined()
  })

  it('is nothing where there is no store, whatever data planes say', () => {
    expect(storeFindings(storeOutageOf([serving('denied')]), ['installation/installation'])).toEqual([])
  })

  it('is short, whatever data planes say and however many they are', () => {
    const faults = Array.from({ length: 5000 }, (_, index) => storeFault.options[index % storeFault.options.length]!)
    const text = message(...faults)
    expect(text?.length).toBeLessThan(500)
    expect(text).toMatch(/ and 4 more$/)
  })
})

describe('an answer that says why the store cannot be counted in', () => {
  const ack = { type: 'ack', revision: 'a'.repeat(64), refused: [] }

  it.each(storeFault.options)('may say %s', (fault) => {
    expect(fromDataplane.safeParse({ ...ack, storeFault: fault }).success).toBe(true)
  })

  it.each(['', 'Denied', 'unreachable\n', 'call +1 555 0100', null, ['denied'], 7])('may not say %j', (said) => {
    expect(fromDataplane.safeParse({ ...ack, storeFault: said }).success).toBe(false)
  })
})
