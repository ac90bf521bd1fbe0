import { maxOpenCircuits, type OpenCircuit } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { sessionOf } from '../push/sessionFixture.ts'
import type { SessionState } from '../push/sessions.ts'
import { circuitFindings, circuitsOf } from './circuits.ts'

const circuit = (rule: string, over: Partial<OpenCircuit> = {}): OpenCircuit => ({
  route: 'shop/orders',
  rule,
  upstream: 'shop/web:80',
  ...over,
})

const session = (...openCircuits: OpenCircuit[]): SessionState => sessionOf({ openCircuits })

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
