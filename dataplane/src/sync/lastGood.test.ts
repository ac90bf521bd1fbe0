import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import {
  lastGoodLineOf,
  seal,
  snapshotOf,
  type LastGood,
  type LastGoodPart,
  type Resource,
  type SealedResource,
  type SignedRevision,
  type Snapshot,
} from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { readLastGood, type LastGoodFinding, type LastGoodTexts } from './lastGood.ts'

const installation = 'gatehouse-system/edge'
const sound = 'A'.repeat(86)
const expected = { installation, isSigned: ({ signature }: SignedRevision) => signature === sound }

const settings = (lastGood: LastGood): Resource => ({
  kind: 'installation',
  name: 'installation',
  spec: {
    defaultAccess: 'Deny',
    identityHeaders: [],
    tenancy: 'Single',
    hosts: [],
    outbound: { podCIDRs: [], allowLoopback: false, deniedAddresses: [] },
    maxBodySize: 0,
    parallelRequests: 0,
    quotaKeys: 0,
    usage: null,
    lastGood,
  },
})

const listener = (name: string, certificates: readonly string[] | null): Resource => ({
  kind: 'listener',
  name,
  spec: {
    address: '0.0.0.0',
    port: 8080,
    protocol: certificates ? 'HTTPS' : 'HTTP',
    hostname: null,
    tls: certificates && {
      certificates: [...certificates],
      minVersion: 'TLS1_3',
      clientCertificate: { mode: 'Off', trust: null },
    },
    plaintextCredentials: 'Refuse',
    clientAddress: { trustedCIDRs: [], header: 'XForwardedFor', clusterCIDRs: [], proxyProtocol: 'Off' },
    connections: { max: 10_000, perClient: null },
  },
})

const certificate = (key: string): Resource => ({
  kind: 'certificate',
  name: 'shop/tls',
  spec: { chain: 'chain', privateKey: key },
})
const clients: Resource = { kind: 'credentials', name: 'shop/clients', spec: { clients: [] } }

const authority: Resource = { kind: 'trust', name: 'shop/ca', spec: { anchors: [] } }

const state = (key = 'key', lastGood: LastGood = { secrets: 'Keep', maxAge: 0 }): Snapshot =>
  snapshotOf(
    [settings(lastGood), listener('http', null), listener('https', ['shop/tls']), certificate(key), clients].map(seal),
  )

const statement = (snapshot: Snapshot, over: Partial<SignedRevision> = {}): SignedRevision => ({
  installation,
  term: 3,
  sequence: 7,
  revision: snapshot.revision,
  issuedAt: 10_000,
  signature: sound,
  ...over,
})

function text(part: LastGoodPart, snapshot: Snapshot, over: Partial<SignedRevision> = {}): string {
  const lines = [...snapshot.resources.values()].flatMap((resource) => lastGoodLineOf(resource, part) ?? [])
  const head = { format: 1, part, signed: statement(snapshot, over) }
  return [head, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('')
}

const texts = (snapshot: Snapshot, over: Partial<SignedRevision> = {}): LastGoodTexts => ({
  configuration: text('configuration', snapshot, over),
  secrets: text('secrets', snapshot, over),
})

const read = (given: Partial<LastGoodTexts>, now = 10_000): LastGoodFinding =>
  readLastGood({ configuration: null, secrets: null, ...given }, expected, now)

const keysOf = ({ found }: LastGoodFinding): readonly string[] => [...(found?.snapshot.resources.keys() ?? [])]

describe('a last good snapshot', () => {
  it('is what was kept', () => {
    const snapshot = state()
    const finding = read(texts(snapshot))
    expect(finding).toEqual({
      found: { snapshot, signed: statement(snapshot), whole: true },
      last: statement(snapshot),
      faults: [],
    })
  })

  it('has no secret in its configuration', () => {
    expect(texts(state('very-secret')).configuration).not.toContain('very-secret')
    expect(texts(state('very-secret')).secrets).toContain('very-secret')
  })

  it('is nothing without files', () => {
    expect(read({})).toEqual({ found: null, last: null, faults: [] })
  })

  it('lacks secrets that must not be kept, and the listeners that need them', () => {
    const snapshot = state('key', { secrets: 'Omit', maxAge: 0 })
    const finding = read(texts(snapshot))
    expect(finding.found?.whole).toBe(false)
    expect(finding.found?.snapshot.revision).toBe(snapshot.revision)
    expect(keysOf(finding)).toEqual(['installation/installation', 'listener/http'])
    expect(finding.faults).toEqual(['SECRETS_MISSING'])
  })

  it('is whole without secrets when there are none', () => {
    const snapshot = snapshotOf([settings({ secrets: 'Omit', maxAge: 0 }), listener('http', null)].map(seal))
    expect(read({ configuration: text('configuration', snapshot) }).found?.whole).toBe(true)
  })

  it('ends at its age', () => {
    const given = texts(state('key', { secrets: 'Keep', maxAge: 60_000 }))
    expect(read(given, 70_000).found).not.toBeNull()
    expect(read(given, 0).found).not.toBeNull()
    expect(read(given, 70_001)).toMatchObject({ found: null, last: { sequence: 7 }, faults: ['TOO_OLD'] })
  })
})

const lines = (whole: string): string[] => whole.split('\n').slice(0, -1)
const joined = (parts: readonly string[]): string => parts.map((part) => `${part}\n`).join('')
const edited = (whole: string, at: number, change: (line: Record<string, unknown>) => void): string =>
  joined(
    lines(whole).map((line, index) => {
      if (index !== at) return line
      const value = JSON.parse(line) as Record<string, unknown>
      change(value)
      return JSON.stringify(value)
    }),
  )

const hashOnly = ({ kind, name, hash }: SealedResource): object => ({ kind, name, hash })

const open = seal(listener('other', null))

describe('a configuration file', () => {
  const { configuration: good, secrets } = texts(state()) as { configuration: string; secrets: string }
  const head = (over: object): string => edited(good, 0, (line) => Object.assign(line, over))
  const signed = (over: object): string => head({ signed: { ...statement(state()), ...over } })

  it.each<[string, string, string]>([
    ['is empty', '', 'MALFORMED'],
    ['is torn within a line', good.slice(0, -10), 'MALFORMED'],
    ['is torn at the last line feed', good.slice(0, -1), 'MALFORMED'],
    ['lost its last line', joined(lines(good).slice(0, -1)), 'REVISION_MISMATCH'],
    ['is of a later format', head({ format: 2 }), 'MALFORMED'],
    ['is the other file', secrets, 'MALFORMED'],
    ['has a field that is not known', head({ extra: 1 }), 'MALFORMED'],
    ['is signed by somebody else', signed({ signature: 'B'.repeat(86) }), 'BAD_SIGNATURE'],
    ['is of another installation', signed({ installation: 'gatehouse-system/other' }), 'WRONG_INSTALLATION'],
    ['has a changed resource', edited(good, 2, (line) => (line['spec'] = {})), 'HASH_MISMATCH'],
    [
      'has a changed resource with its hash made anew',
      edited(good, 2, (line) => Object.assign(line, { name: open.name, spec: open.spec, hash: open.hash })),
      'REVISION_MISMATCH',
    ],
    ['has one resource more', good + joined([JSON.stringify(open)]), 'REVISION_MISMATCH'],
    ['has a resource twice', good + joined([lines(good)[1]!]), 'MALFORMED'],
    ['hides a resource that is no secret', edited(good, 1, (line) => delete line['spec']), 'MALFORMED'],
  ])('that %s is not taken', (_, configuration, fault) => {
    expect(read({ configuration, secrets })).toMatchObject({ found: null, faults: [fault] })
  })

  // The revision is the hash of lines of text, and these make the same text.
  it.each<[string, (resources: readonly SealedResource[]) => readonly object[]]>([
    [
      'in a kind that nobody knows',
      ([keys, own, ca]) => [hashOnly(keys!), own!, { kind: 'trust/shop', name: 'ca', hash: ca!.hash }],
    ],
    [
      'in the name of a secret',
      ([keys, own, ca]) => [
        { ...hashOnly(own!), kind: keys!.kind, name: `${keys!.name} ${keys!.hash}\n${own!.kind}/${own!.name}` },
        ca!,
      ],
    ],
  ])('that hides a resource %s is not taken', (_, hiding) => {
    const snapshot = snapshotOf([clients, settings({ secrets: 'Omit', maxAge: 1 }), authority].map(seal))
    const [first] = lines(text('configuration', snapshot))
    const rest = hiding([...snapshot.resources.values()]).map((line) => JSON.stringify(line))
    expect(read({ configuration: joined([first!, ...rest]) })).toMatchObject({ found: null, faults: ['MALFORMED'] })
  })

  it('of nothing but line feeds takes up no more memory than there is', async () => {
    const worker = new Worker(
      `const { readLastGood } = await import(${JSON.stringify(new URL('./lastGood.ts', import.meta.url))})
       const { parentPort, workerData } = await import('node:worker_threads')
       const configuration = workerData + '\\n'.repeat(2 ** 25)
       const expected = { installation: 'a/b', isSigned: () => true }
       parentPort.postMessage(readLastGood({ configuration, secrets: null }, expected, 0))`,
      { eval: true, workerData: lines(good)[0], resourceLimits: { maxOldGenerationSizeMb: 128 } },
    )
    const [finding] = (await once(worker, 'message')) as [LastGoodFinding]
    expect(finding).toMatchObject({ found: null, faults: ['MALFORMED'] })
  })

  it('that was put back beside later secrets is not taken, and what came later is remembered', () => {
    const later = text('secrets', state('new key'), { sequence: 8 })
    expect(read({ configuration: good, secrets: later })).toMatchObject({
      found: null,
      last: { sequence: 8 },
      faults: ['OUTDATED'],
    })
  })
})

describe('a secrets file', () => {
  const configuration = text('configuration', state(), { sequence: 8 })
  const secretLine = (resource: Resource): string => JSON.stringify(seal(resource))
  const headOf = (snapshot: Snapshot, over: Partial<SignedRevision>): string =>
    lines(text('secrets', snapshot, over))[0]!

  it('of an earlier publication serves as long as it holds what is needed', () => {
    expect(read({ configuration, secrets: text('secrets', state(), { sequence: 7 }) }).found?.whole).toBe(true)
  })

  it.each<[string, string | null, readonly string[]]>([
    ['is missing', null, ['SECRETS_MISSING']],
    ['is torn', text('secrets', state()).slice(0, -9), ['MALFORMED', 'SECRETS_MISSING']],
    [
      'is signed by somebody else',
      text('secrets', state(), { signature: 'B'.repeat(86) }),
      ['BAD_SIGNATURE', 'SECRETS_MISSING'],
    ],
    ['is older', text('secrets', state('old key'), { sequence: 6 }), ['SECRETS_MISSING']],
    [
      'holds another key under the name and hash of the right one',
      joined([
        headOf(state(), { sequence: 8 }),
        JSON.stringify({
          ...(seal(certificate('key')) satisfies SealedResource),
          spec: { chain: 'x', privateKey: 'y' },
        }),
        secretLine(clients),
      ]),
      ['SECRETS_MISSING'],
    ],
  ])('that %s leaves its listeners closed', (_, secrets, faults) => {
    const finding = read({ configuration, secrets })
    expect(finding.found?.whole).toBe(false)
    expect(keysOf(finding)).not.toContain('listener/https')
    expect(keysOf(finding)).not.toContain('certificate/shop/tls')
    expect(finding.faults).toEqual(faults)
  })
})
