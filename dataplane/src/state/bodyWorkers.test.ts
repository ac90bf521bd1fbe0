import { afterEach, describe, expect, it } from 'vitest'
import { bodyWorkerEntry } from '../bodyWorkerEntry.ts'
import { createBodyWorkers, type BodyWorkers } from './bodyWorkers.ts'

const rule = (schema: object) => ({ text: JSON.stringify(schema), maxDepth: 20 })
const job = (body: string, ...schemas: readonly object[]) => ({ bytes: Buffer.from(body), rules: schemas.map(rule) })
const text = { type: 'string' }

/** As many words of two letters as one likes, all different. */
const words = Array.from({ length: 3000 }, (_, index) =>
  (index + 5000).toString(2).replaceAll('0', 'a').replaceAll('1', 'ba').repeat(20),
)

/** Expressions whose automaton has 2^100 states, on texts that fit. */
const endless = job(JSON.stringify(words), {
  items: { allOf: Array.from({ length: 8 }, (_, index) => ({ pattern: `[ab]*a[ab]{${100 + index}}` })) },
})

let workers: BodyWorkers
afterEach(() => workers.close())

describe('the workers', () => {
  it('check what they are given', async () => {
    workers = createBodyWorkers({ entry: bodyWorkerEntry })
    const verdicts = await Promise.all([
      workers.check('a', job('"x"', text)),
      workers.check('a', job('1', text)),
      workers.check('b', job('1', text, { minimum: 2 })),
      workers.check('b', job('{', text)),
      workers.check('b', job('1', { type: 'text' })),
    ])
    expect(verdicts).toEqual([
      [],
      [{ pointer: '/body', reason: 'type' }],
      [
        { pointer: '/body', reason: 'type' },
        { pointer: '/body', reason: 'minimum' },
      ],
      [{ pointer: '/body', reason: 'not-json' }],
      'broken',
    ])
    expect(workers.busy()).toBe(0)
  })

  it('gives up what takes too long, and goes on', async () => {
    workers = createBodyWorkers({ entry: bodyWorkerEntry, deadline: 1500 })
    expect(['unavailable', 'exhausted']).toContain(await workers.check('a', endless))
    expect(await workers.check('a', job('"x"', text))).toEqual([])
  })

  it('leaves a worker to others, and lets nobody wait without end', async () => {
    workers = createBodyWorkers({ entry: bodyWorkerEntry, deadline: 5000, queue: 1 })
    const ended: string[] = []
    const first = workers.check('hostile', endless).then(() => ended.push('hostile'))
    const second = workers.check('hostile', job('1', text))
    expect(await workers.check('hostile', job('1', text))).toBe('unavailable')
    expect(await workers.check('other', job('"x"', text))).toEqual([])
    expect(ended).toEqual([])
    await workers.close()
    await first
    expect(await second).toBe('unavailable')
  })

  it('is unavailable when it cannot start', async () => {
    workers = createBodyWorkers({ entry: new URL('file:///nowhere/none.ts') })
    expect(await workers.check('a', job('1', text))).toBe('unavailable')
  })
})
