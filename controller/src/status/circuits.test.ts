import { maxOpenCircuits, type OpenCircuit } from '@gatehouse/contract'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SessionState } from '../push/sessions.ts'
import { circuitFindings, CircuitPace, circuitsOf } from './circuits.ts'

const circuit = (rule: string, over: Partial<OpenCircuit> = {}): OpenCircuit => ({
  route: 'shop/orders',
  rule,
  upstream: 'shop/web:80',
  ...over,
})

const session = (...openCircuits: OpenCircuit[]): SessionState => ({
  instance: 'a',
  version: '0.1.0',
  revision: null,
  refused: [],
  openCircuits,
  nack: null,
})

const raw = { spec: { rules: [{ name: 'read' }, { name: 'write' }] } }

describe('what is said of the circuits of a route', () => {
  it('is where any data plane has one open, each place once, in one order', () => {
    const circuits = circuitsOf([session(circuit('write'), circuit('read')), session(circuit('read')), session()])
    const found = circuitFindings(circuits, 'shop/orders', raw)
    expect(found).toMatchObject([{ type: 'CircuitOpen', status: 'True', reason: 'BackendFailing' }])
    expect(found[0]?.message).toMatch(/: \/spec\/rules\/0 \(shop\/web:80\), \/spec\/rules\/1 \(shop\/web:80\)$/)
    expect(circuitFindings(circuits, 'shop/others', raw)).toEqual([])
  })

  it('names no rule that it does not have, and nothing in other than plain characters', () => {
    const circuits = circuitsOf([session(circuit('gone'), circuit('read', { upstream: 'a\u001b[31m' }))])
    expect(circuitFindings(circuits, 'shop/orders', raw)[0]?.message).toMatch(/: \/spec\/rules\/0 \(a\?\?31m\)$/)
    expect(circuitFindings(circuitsOf([session(circuit('gone'))]), 'shop/orders', raw)).toEqual([])
  })

  it('is of a bounded number of routes, however many data planes name others', () => {
    const sessions = Array.from({ length: 10 }, (_, plane) =>
      session(
        ...Array.from({ length: maxOpenCircuits }, (_one, index) => circuit('r', { route: `shop/${plane}-${index}` })),
      ),
    )
    expect(circuitsOf(sessions).size).toBe(maxOpenCircuits)
  })
})

describe('the pace of what is said of circuits', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function paced() {
    const said: string[] = []
    const start = Date.now()
    let present = session()
    const look = (): void => {
      const text = [...pace.paced([present]).values()].flat().map(({ rule }) => rule)
      const line = text.join(' ')
      if (said.at(-1)?.split(': ')[1] !== line) said.push(`${Date.now() - start}: ${line}`)
    }
    const pace = new CircuitPace({ clock: { now: Date.now, monotonic: () => Date.now() }, again: look })
    look()
    return {
      said,
      is: (...rules: string[]): void => {
        present = session(...rules.map((rule) => circuit(rule)))
        look()
      },
      close: () => pace.close(),
    }
  }

  it('is at once the first time, and then a change every half minute, with what holds by then', () => {
    const { said, is, close } = paced()
    vi.advanceTimersByTime(1000)
    is('read')
    for (let round = 0; round < 100; round++) {
      vi.advanceTimersByTime(500)
      is(...(round % 2 === 0 ? [] : ['read']))
    }
    is('write')
    vi.advanceTimersByTime(60_000)
    close()
    expect(said[0]).toBe('0: ')
    expect(said[1]).toBe('1000: read')
    expect(said.at(-1)).toMatch(/: write$/)
    const times = said.slice(1).map((line) => Number(line.split(':')[0]))
    for (const [index, time] of times.entries())
      if (index > 0) expect(time - times[index - 1]!).toBeGreaterThanOrEqual(30_000)
  })
})
