import { describe, expect, it } from 'vitest'
import type { ResourceSpec } from '@gatehouse/contract'
import type { AdmissionListener } from './admissionTable.ts'
import { secureListener } from './connectionFit.ts'
import type { ConnectionFacts } from './facts.ts'
import type { Selector } from './serverName.ts'
import { certificateOf, connection } from './snapshotFixture.ts'

const tls = { certificates: [], minVersion: 'TLS1_2', clientCertificate: { mode: 'Off', trust: null } }
const listenerOf = (name: string): AdmissionListener => {
  const spec = { protocol: 'HTTPS', tls } as unknown as ResourceSpec<'listener'>
  return { name, spec, trustHash: null } as unknown as AdmissionListener
}
const [one, two] = [listenerOf('one'), listenerOf('two')]

/** By the first letter of a host its listener, by the second its certificate. */
const select: Selector<AdmissionListener> = (name) => {
  if (name === null) return { listener: one, certificate: 'x' }
  return { listener: name.startsWith('1') ? one : two, certificate: name[1] ?? null }
}

const fit = (serverName: string | null, host: string, over: Partial<ConnectionFacts> = {}): unknown => {
  const facts = connection({ scheme: 'https', serverName, certificate: 'x', ...over })
  const fitting = secureListener(one, select, { host, connection: facts })
  return typeof fitting === 'string' ? fitting : fitting.name
}

describe('secureListener (M11)', () => {
  it.each<[string, string | null, string, string]>([
    ['the host of the server name', '1x', '1x', 'one'],
    ['another host with the same listener and certificate', '1x', '1x.other', 'one'],
    ['no server name, and a host that comes to the same', null, '1x', 'one'],
    ['a host of another listener', '1x', '2x', 'misdirected'],
    ['a host of another certificate', '1x', '1y', 'misdirected'],
    ['a server name that now belongs to another listener', '2x', '1x', 'misdirected'],
    ['a server name that now gets another certificate', '1y', '1x', 'misdirected'],
  ])('%s', (_name, serverName, host, expected) => {
    expect(fit(serverName, host)).toBe(expected)
  })

  it('does not keep a connection that was given another certificate', () => {
    expect(fit('1x', '1x', { certificate: 'y' })).toBe('misdirected')
  })

  const trusting = (mode: 'Off' | 'Request' | 'Require', over: Partial<AdmissionListener> = {}): AdmissionListener => {
    const spec = { ...one.spec, tls: { ...tls, clientCertificate: { mode, trust: 'ca' } } } as typeof one.spec
    return { ...one, spec, trustHash: 'new', anchors: new Set(['kept', 'added']), ...over }
  }
  const from = (anchor: string, trustHash = 'old'): Partial<ConnectionFacts> => ({
    trustHash,
    clientCertificate: certificateOf({ anchor }),
  })
  const none = { trustHash: 'old' }

  it.each<[string, AdmissionListener, Partial<ConnectionFacts>, string]>([
    ['a certificate that was verified as now', trusting('Require'), from('', 'new'), 'one'],
    ['a certificate of an anchor that is still trusted', trusting('Require'), from('kept'), 'one'],
    ['a certificate of an anchor that no longer is', trusting('Request'), from('gone'), 'misdirected'],
    ['a certificate whose anchor cannot be told', trusting('Request'), from(''), 'misdirected'],
    [
      'a certificate where none is asked for any more',
      trusting('Off', { trustHash: null, anchors: new Set() }),
      from('kept'),
      'misdirected',
    ],
    ['no certificate where one is asked for', trusting('Request'), none, 'one'],
    ['no certificate where one is required now', trusting('Require'), none, 'misdirected'],
    [
      'no certificate where the trust is missing',
      trusting('Request', { trustHash: '', anchors: new Set() }),
      none,
      'misdirected',
    ],
  ])('after another client CA: %s', (_name, listener, over, expected) => {
    const facts = connection({ scheme: 'https', serverName: '1x', certificate: 'x', ...over })
    const always: Selector<AdmissionListener> = () => ({ listener, certificate: 'x' })
    const fitting = secureListener(listener, always, { host: '1x', connection: facts })
    expect(typeof fitting === 'string' ? fitting : fitting.name).toBe(expected)
  })
})
