import { describe, expect, it } from 'vitest'
import { parseRange } from '../address.ts'
import { clientAddress, noTrust, type AddressTrust } from './clientAddress.ts'

const ranges = (...texts: string[]) => texts.map((text) => parseRange(text)!)
const trusting: AddressTrust = { ...noTrust, trusted: ranges('10.0.0.0/8') }

const seen = (peerAddress: string, headers: Record<string, string[]>, trust: AddressTrust, announced = false) =>
  clientAddress({ peerAddress, announced }, new Map(Object.entries(headers)), trust)

const said = (...values: string[]) => ({ 'x-forwarded-for': values })

describe('clientAddress', () => {
  it('believes nobody by default', () => {
    expect(seen('192.0.2.1', said('203.0.113.7'), noTrust)).toEqual({ address: '192.0.2.1', forwardedFor: [] })
  })

  it('does not believe a peer that is not trusted', () => {
    expect(seen('192.0.2.1', said('203.0.113.7'), trusting)).toEqual({ address: '192.0.2.1', forwardedFor: [] })
  })

  it.each([
    ['one entry', ['203.0.113.7'], '203.0.113.7', ['203.0.113.7']],
    ['right-most that is not trusted', ['198.51.100.1, 203.0.113.7'], '203.0.113.7', ['203.0.113.7']],
    ['past trusted hops', ['6.6.6.6, 203.0.113.7, 10.0.0.2'], '203.0.113.7', ['203.0.113.7', '10.0.0.2']],
    ['several lines', ['6.6.6.6', '203.0.113.7', '10.0.0.2'], '203.0.113.7', ['203.0.113.7', '10.0.0.2']],
    ['all trusted', ['10.0.0.3,10.0.0.2'], '10.0.0.3', ['10.0.0.3', '10.0.0.2']],
    ['mapped', ['::ffff:203.0.113.7'], '203.0.113.7', ['203.0.113.7']],
    ['mapped and trusted', ['203.0.113.7, ::ffff:10.0.0.2'], '203.0.113.7', ['203.0.113.7', '10.0.0.2']],
    ['with a port', ['203.0.113.7:4711'], '203.0.113.7', ['203.0.113.7']],
    ['IPv6 with a port', ['[2001:DB8::1]:4711'], '2001:db8::1', ['2001:db8::1']],
    ['garbage', ['unknown'], '10.0.0.1', []],
    ['empty', [''], '10.0.0.1', []],
    ['garbage behind a hop', ['6.6.6.6, _hidden, 10.0.0.2'], '10.0.0.2', ['10.0.0.2']],
    ['text with an address in it', ['203.0.113.7 evil'], '10.0.0.1', []],
  ])('%s', (_name, values, address, forwardedFor) => {
    expect(seen('10.0.0.1', said(...values), trusting)).toEqual({ address, forwardedFor })
  })

  it('walks a bounded number of hops', () => {
    const values = Array.from({ length: 5000 }, () => '10.0.0.9').join(',')
    expect(seen('10.0.0.1', said(values), trusting).forwardedFor).toHaveLength(32)
  })
})

describe('clientAddress by Forwarded', () => {
  const trust: AddressTrust = { ...trusting, field: 'forwarded' }

  it.each([
    ['one element', ['for=203.0.113.7;proto=https'], '203.0.113.7'],
    ['any order and case', ['proto=https; FOR=203.0.113.7;by=10.0.0.1'], '203.0.113.7'],
    ['past trusted hops', ['for=6.6.6.6, for=203.0.113.7', 'for=10.0.0.2'], '203.0.113.7'],
    ['IPv6 with a port', ['for="[2001:DB8::1]:4711"'], '2001:db8::1'],
    ['an escape in quotes', ['for="203.0.113\\.7"'], '203.0.113.7'],
    ['a comma in quotes', ['for=203.0.113.7;host="a, for=6.6.6.6"'], '203.0.113.7'],
    ['a hidden hop', ['for=203.0.113.7, for=_hidden'], '10.0.0.1'],
    ['a hop without for', ['for=203.0.113.7, proto=http'], '10.0.0.1'],
    ['for twice', ['for=203.0.113.7;for=203.0.113.8'], '10.0.0.1'],
    ['no end of quotes', ['for="203.0.113.7'], '10.0.0.1'],
    ['nothing', [''], '10.0.0.1'],
    ['no field at all', ['for 203.0.113.7'], '10.0.0.1'],
  ])('%s', (_name, values, address) => {
    expect(seen('10.0.0.1', { forwarded: values }, trust).address).toBe(address)
  })

  it('believes only the field that it is told', () => {
    expect(seen('10.0.0.1', said('203.0.113.7'), trust).address).toBe('10.0.0.1')
    expect(seen('10.0.0.1', { forwarded: ['for=203.0.113.7'] }, trusting).address).toBe('10.0.0.1')
  })
})

describe('an address of the cluster', () => {
  const trust: AddressTrust = { ...trusting, cluster: ranges('10.0.0.0/8', 'fd00::/8') }

  it('says nothing of the client', () => {
    expect(seen('10.1.2.3', {}, trust).address).toBeNull()
    expect(seen('fd00::1', said('203.0.113.7'), trust).address).toBeNull()
    expect(seen('10.1.2.3', said('unknown'), trust).address).toBeNull()
    expect(seen('10.1.2.3', {}, { ...trust, trusted: [] }).address).toBeNull()
    expect(seen('192.0.2.1', {}, trust).address).toBe('192.0.2.1')
  })

  it('counts where a trusted hop has said it', () => {
    expect(seen('10.1.2.3', said('10.9.9.9'), trust).address).toBe('10.9.9.9')
    expect(seen('10.1.2.3', {}, trust, true).address).toBe('10.1.2.3')
  })
})
