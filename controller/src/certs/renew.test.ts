import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { makeSigningPair, mintFor, type Mint } from './mint.ts'
import { certificatesOf, publicKeysOf, signingKeyOf } from './pem.ts'
import { CertificatesError } from './refusal.ts'
import { installation, names, renewal, type Renewal } from './renewalFixture.ts'

const day = 86_400_000

async function made(): Promise<Renewal> {
  const created = renewal()
  await created.run()
  created.memory.writes.length = 0
  return created
}

const refusalOf = async (run: Promise<void>): Promise<CertificatesError> => {
  const error: unknown = await run.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof CertificatesError)) throw new Error(`no refusal but ${String(error)}`)
  return error
}

const everything = ({ memory }: Renewal): unknown => Object.values(names).map((name) => memory.object(name))

describe('the first run', () => {
  it('makes three Secrets of our types with our labels, and a second run changes nothing', async () => {
    const { memory, clock, run } = renewal()
    await run()
    expect(memory.writes).toEqual([names.authority, names.dataplane, names.controller])
    const labels = { 'app.kubernetes.io/managed-by': 'gatehouse', 'gatehouse.dev/installation': 'edge' }
    const keys = {
      authority: ['ca.crt', 'ca.key', 'signing-next.key', 'signing.key'],
      controller: ['ca.crt', 'signing.key', 'tls.crt', 'tls.key'],
      dataplane: ['ca.crt', 'signing.pub', 'tls.crt', 'tls.key'],
    }
    for (const role of ['authority', 'controller', 'dataplane'] as const) {
      expect(memory.object(names[role])).toMatchObject({
        type: `gatehouse.dev/push-${role}`,
        metadata: { name: names[role], namespace: 'gatehouse-system', labels },
      })
      expect(Object.keys(memory.object(names[role])?.['data'] ?? {}).toSorted()).toEqual(keys[role])
    }
    clock.advance(59 * day)
    await run()
    expect(memory.writes).toHaveLength(3)
  })

  it('makes an authority for ten years that can sign leaves only', async () => {
    const { memory } = await made()
    const authority = new X509Certificate(memory.entry(names.authority, 'ca.crt') ?? '')
    expect(authority.ca).toBe(true)
    expect(authority.validFromDate.toISOString()).toBe('2026-11-25T23:00:00.000Z')
    expect(authority.validToDate.toISOString()).toBe('2036-11-23T00:00:00.000Z')
  })

  it.each([
    ['controller', '1.3.6.1.5.5.7.3.1'],
    ['dataplane', '1.3.6.1.5.5.7.3.2'],
  ] as const)('makes a leaf for the %s with one usage, one name and 90 days', async (role, usage) => {
    const { memory } = await made()
    const leaf = new X509Certificate(memory.entry(names[role], 'tls.crt') ?? '')
    expect(leaf.keyUsage).toEqual([usage])
    expect(leaf.subjectAltName).toBe(`URI:spiffe://gatehouse/gatehouse-system/edge/${role}`)
    expect(leaf.ca).toBe(false)
    expect(leaf.validToDate.toISOString()).toBe('2027-02-24T00:00:00.000Z')
    const [authority] = certificatesOf(memory.entry(names.authority, 'ca.crt') ?? '') ?? []
    expect(authority && leaf.verify(authority.publicKey)).toBe(true)
    expect(memory.entry(names[role], 'ca.crt')).toBe(memory.entry(names.authority, 'ca.crt'))
  })

  it('gives controllers the current signing key, and data planes the current and the next', async () => {
    const { memory } = await made()
    const current = signingKeyOf(memory.entry(names.authority, 'signing.key') ?? '')
    const next = signingKeyOf(memory.entry(names.authority, 'signing-next.key') ?? '')
    expect(memory.entry(names.controller, 'signing.key')).toBe(memory.entry(names.authority, 'signing.key'))
    expect(publicKeysOf(memory.entry(names.dataplane, 'signing.pub') ?? '')).toEqual([current, next])
    expect(current).not.toBe(next)
  })

  it('says what it made, and no key', async () => {
    const { lines } = await made()
    expect(lines.map(({ detail }) => [detail.object, detail.code])).toEqual([
      ['Secret gatehouse-system/edge-push-authority', 'MAKE_AUTHORITY'],
      ['Secret gatehouse-system/edge-push-dataplane', 'CREATE'],
      ['Secret gatehouse-system/edge-push-controller', 'CREATE'],
    ])
    expect(JSON.stringify(lines)).not.toMatch(/BEGIN|PRIVATE/)
  })
})

describe('several at once', () => {
  it('end with one authority and leaves of it', async () => {
    const { memory, run } = renewal()
    await Promise.all([run(), run(), run()])
    expect(memory.writes.toSorted()).toEqual(Object.values(names).toSorted())
    await run()
    expect(memory.writes).toHaveLength(3)
  })

  it('give up when somebody else is always first', async () => {
    const { memory, run } = renewal()
    const secrets = { ...memory.secrets, create: () => Promise.resolve('conflict' as const) }
    const refusal = await refusalOf(run({ secrets }))
    expect(refusal.code).toBe('BUSY')
  })
})

describe('what is due', () => {
  it('is renewed, and everything else of the Secret stays', async () => {
    const { memory, clock, lines, run } = await made()
    const before = memory.object(names.controller)
    memory.setObject(names.controller, {
      ...before,
      metadata: { ...(before?.['metadata'] as object), finalizers: ['example.com/kept'] },
    })
    memory.setEntry(names.controller, 'extra', 'kept')
    lines.length = 0
    clock.advance(60 * day)
    await run()
    expect(lines.map(({ detail }) => detail.code)).toEqual(['ISSUE_LEAF', 'ISSUE_LEAF'])
    expect(new X509Certificate(memory.entry(names.controller, 'tls.crt') ?? '').validToDate.getTime()).toBe(
      clock.now() + 90 * day,
    )
    expect(memory.entry(names.controller, 'extra')).toBe('kept')
    expect(memory.object(names.controller)).toMatchObject({ metadata: { finalizers: ['example.com/kept'] } })
  })

  it.each([
    ['controller', 'tls.crt', 'nonsense'],
    ['controller', 'tls.key', null],
    ['controller', 'signing.key', 'nonsense'],
    ['dataplane', 'ca.crt', 'nonsense'],
    ['dataplane', 'signing.pub', null],
  ] as const)('includes a %s Secret whose %s is %s', async (role, entry, text) => {
    const created = await made()
    const good = created.memory.entry(names[role], entry)
    created.memory.setEntry(names[role], entry, text)
    await created.run()
    expect(created.memory.writes).toEqual([names[role]])
    const mended = created.memory.entry(names[role], entry)
    if (entry.startsWith('tls')) expect(mended).toMatch(/^-----BEGIN/)
    else expect(mended).toBe(good)
  })

  it('includes the leaf of another role or authority, and one of another key', async () => {
    const created = await made()
    const { memory } = created
    const stranger = renewal()
    await stranger.run()
    const other = memory.entry(names.dataplane, 'tls.key')
    const foreign = [
      [memory.entry(names.dataplane, 'tls.crt'), other],
      [stranger.memory.entry(names.controller, 'tls.crt'), stranger.memory.entry(names.controller, 'tls.key')],
      [memory.entry(names.controller, 'tls.crt'), other],
    ]
    for (const [certificate = null, key = null] of foreign) {
      memory.setEntry(names.controller, 'tls.crt', certificate)
      memory.setEntry(names.controller, 'tls.key', key)
      await created.run()
      expect(memory.entry(names.controller, 'tls.crt')).not.toBe(certificate)
    }
  })

  it('is planned anew when the plan has become old', async () => {
    const times: number[] = []
    const created = renewal({
      ...mintFor(installation),
      issuer: async (now) => {
        if (times.push(now) === 1) created.clock.advance(61_000)
        return await mintFor(installation).issuer(now)
      },
    } satisfies Mint)
    await created.run()
    expect(times).toEqual([created.clock.now() - 61_000, created.clock.now()])
  })

  it('is left alone by whoever may no longer write', async () => {
    const { memory, run } = renewal()
    await run({ mayWrite: () => false })
    expect(memory.writes).toEqual([])
  })
})

describe('what only a person may change', () => {
  it.each([
    ['ca.crt', 'nonsense'],
    ['ca.crt', null],
    ['ca.key', null],
    ['ca.key', makeSigningPair().privateKey],
    ['ca-next.key', 'nonsense'],
    ['ca-previous.crt', ''],
    ['signing.key', 'nonsense'],
    ['signing-next.key', null],
    ['signing-previous.pub', 'nonsense'],
  ])('is an authority whose %s is damaged (%j)', async (entry, text) => {
    const created = await made()
    created.memory.setEntry(names.authority, entry, text)
    const before = everything(created)
    const refusal = await refusalOf(created.run())
    // A next authority without its certificate is one that is damaged there.
    const named = entry === 'ca-next.key' ? 'ca-next.crt' : entry
    expect(refusal.code).toBe(`DAMAGED_${named.toUpperCase().replace(/[.-]/g, '_')}`)
    expect(refusal.message).toContain(`Secret gatehouse-system/edge-push-authority has no usable ${named}; restore`)
    expect(everything(created)).toEqual(before)
  })

  it('is an authority whose certificate is a leaf', async () => {
    const created = await made()
    created.memory.setEntry(names.authority, 'ca.crt', created.memory.entry(names.controller, 'tls.crt') ?? '')
    expect((await refusalOf(created.run())).code).toBe('DAMAGED_CA_CRT')
  })

  it('is an authority that has gone while its leaves are there', async () => {
    const created = await made()
    created.memory.setObject(names.authority, null)
    const refusal = await refusalOf(created.run())
    expect(refusal.code).toBe('AUTHORITY_MISSING')
    expect(created.memory.writes).toEqual([])
  })

  it.each(['authority', 'controller', 'dataplane'] as const)(
    'is a Secret of the name of the %s that somebody else made',
    async (role) => {
      for (const [type, label] of [
        ['Opaque', 'edge'],
        [`gatehouse.dev/push-${role}`, 'other'],
      ] as const) {
        const created = renewal()
        const labels = { 'app.kubernetes.io/managed-by': 'gatehouse', 'gatehouse.dev/installation': label }
        created.memory.setObject(names[role], { metadata: { name: names[role], labels }, type, data: {} })
        const refusal = await refusalOf(created.run())
        expect(refusal.code).toBe('FOREIGN')
        expect(refusal.message).toContain(`Secret gatehouse-system/${names[role]} was not made for this installation`)
        expect(created.memory.writes).toEqual([])
      }
    },
  )

  it('is a missing Secret, to a controller that may not create one', async () => {
    const created = await made()
    created.memory.setObject(names.dataplane, null)
    const refusal = await refusalOf(created.run({ mayCreate: false }))
    expect([refusal.code, refusal.object]).toEqual(['SECRET_MISSING', 'Secret gatehouse-system/edge-push-dataplane'])
  })
})

describe('leaves that come from elsewhere', () => {
  it('leave only the signing keys to us', async () => {
    const { memory, run } = renewal()
    await run({ source: 'External' })
    const keysOf = (name: string) => Object.keys(memory.object(name)?.['data'] ?? {})
    expect(Object.values(names).map(keysOf)).toEqual([
      ['signing.key', 'signing-next.key'],
      ['signing.key'],
      ['signing.pub'],
    ])
    await run({ source: 'External' })
    expect(memory.writes).toHaveLength(3)
  })

  it('may be taken over, and given back without touching what there was', async () => {
    const { memory, clock, run } = renewal()
    await run({ source: 'External' })
    const signing = memory.entry(names.controller, 'signing.key')
    await run()
    const leaf = memory.entry(names.controller, 'tls.crt')
    expect(leaf).toMatch(/^-----BEGIN CERTIFICATE/)
    clock.advance(70 * day)
    memory.writes.length = 0
    await run({ source: 'External' })
    expect(memory.writes).toEqual([])
    expect([memory.entry(names.controller, 'tls.crt'), memory.entry(names.controller, 'signing.key')]).toEqual([
      leaf,
      signing,
    ])
  })
})

describe('seven years, two days at a time', () => {
  it('bring three signing keys at most to a data plane, and a second authority through all its stages', async () => {
    const { memory, clock, lines, run } = renewal()
    const stages = new Set<string>()
    for (let days = 0; days < 6.8 * 365; days += 2) {
      await run()
      const pem = (name: string, entry: string) => certificatesOf(memory.entry(name, entry) ?? '') ?? []
      const trusted = pem(names.dataplane, 'ca.crt')
      const [leaf] = pem(names.controller, 'tls.crt')
      expect(trusted.some(({ publicKey }) => leaf?.verify(publicKey))).toBe(true)
      const keys = publicKeysOf(memory.entry(names.dataplane, 'signing.pub') ?? '') ?? []
      expect(keys).toContain(signingKeyOf(memory.entry(names.controller, 'signing.key') ?? ''))
      expect(keys.length).toBeLessThanOrEqual(3)
      stages.add(trusted.map(({ fingerprint256 }) => fingerprint256.slice(0, 2)).join())
      clock.advance(2 * day)
    }
    expect(stages.size).toBe(4)
    const codes = lines.map(({ detail }) => detail.code).filter((code) => code?.endsWith('_ISSUER'))
    expect(codes).toEqual(['ANNOUNCE_ISSUER', 'PROMOTE_ISSUER', 'DROP_ISSUER'])
  })
})
