import { seal, snapshotOf } from '@gatehouse/contract'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { issueLeaf, makeIssuer } from '../../controller/src/certs/certificates.ts'
import { names, renewal, type Renewal } from '../../controller/src/certs/renewalFixture.ts'
import { soleLeader } from '../../controller/src/push/authority.ts'
import { PushServer, type PushCredentials } from '../../controller/src/push/server.ts'
import { ed25519Signer } from '../../controller/src/push/signer.ts'
import { createSigningKeys } from '../support/signing.ts'
import { installation, startFollower, type Follower } from './follower.ts'

const day = 86_400_000

/** What the two mounted Secrets held at some time. */
interface Stage {
  readonly controller: PushCredentials
  readonly dataplane: {
    readonly ca: string
    readonly certificate: string
    readonly privateKey: string
    readonly keys: string
  }
}

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function stageOf({ memory }: Renewal): Stage {
  const entry = (name: string, key: string): string => memory.entry(name, key) ?? ''
  const tls = (name: string) => ({
    ca: entry(name, 'ca.crt'),
    certificate: entry(name, 'tls.crt'),
    privateKey: entry(name, 'tls.key'),
  })
  const signer = ed25519Signer(entry(names.controller, 'signing.key'))
  return {
    controller: { ...tls(names.controller), signer },
    dataplane: { ...tls(names.dataplane), keys: entry(names.dataplane, 'signing.pub') },
  }
}

/** Before, with a next authority announced, with it promoted, and with the one before dropped: all valid today. */
async function stagesOfRotation(): Promise<readonly Stage[]> {
  const begin = Date.now() - 2440 * day
  const kept = renewal(undefined, begin)
  await kept.run()
  const stages: Stage[] = []
  for (const days of [2432, 2434, 2436, 2438]) {
    kept.clock.advance(begin + days * day - kept.clock.now())
    await kept.run()
    stages.push(stageOf(kept))
  }
  return stages
}

let stages: readonly Stage[]
beforeAll(async () => {
  stages = await stagesOfRotation()
})

const stageAt = (index: number): Stage => {
  const stage = stages[index]
  if (!stage) throw new Error(`there is no stage ${index}`)
  return stage
}

async function serve(credentials: PushCredentials): Promise<string> {
  const push = await PushServer.listen({
    installation,
    address: '127.0.0.1',
    port: 0,
    credentials,
    authority: soleLeader(Date.now()),
    authenticate: null,
    now: Date.now,
    unauthenticated: () => undefined,
    oversize: () => undefined,
    changed: () => undefined,
  })
  cleanups.push(() => push.close())
  push.publish(snapshotOf([seal({ kind: 'endpoints', name: 'shop/a:80', spec: { addresses: [] } })]))
  return `127.0.0.1:${push.port}`
}

async function follow(address: string, { ca, keys, ...leaf }: Stage['dataplane']): Promise<Follower> {
  const signing = { ...createSigningKeys(), publicKey: keys }
  const follower = await startFollower({ addresses: [address], ca, leaf, signing })
  cleanups.push(follower.close)
  return follower
}

const countOf = (text: string): number => text.match(/BEGIN/g)?.length ?? 0

describe('the certificates of controller certs', () => {
  it('go through an overlap of two authorities', () => {
    expect(stages.map(({ controller }) => countOf(controller.ca))).toEqual([1, 2, 2, 1])
    const [before, announced, promoted, dropped] = stages.map(({ dataplane }) => dataplane)
    expect(announced?.certificate).toBe(before?.certificate)
    expect(promoted?.certificate).not.toBe(announced?.certificate)
    expect(dropped?.certificate).toBe(promoted?.certificate)
  })

  const pairs = [0, 1, 2, 3].flatMap((one) => [one - 1, one, one + 1].map((other) => [one, other] as const))
  it.each(pairs.filter(([, other]) => other >= 0 && other <= 3))(
    'let a controller of stage %i send to a data plane of stage %i',
    async (one, other) => {
      const { applied } = await follow(await serve(stageAt(one).controller), stageAt(other).dataplane)
      expect((await applied.first()).resources.size).toBe(1)
    },
  )

  it('do not let one that has missed the whole overlap', async () => {
    const { events, applied } = await follow(await serve(stageAt(3).controller), stageAt(0).dataplane)
    expect(await events.first()).toMatchObject({ type: 'disconnected', code: 'SELF_SIGNED_CERT_IN_CHAIN' })
    expect(applied.all).toEqual([])
  })

  it('are no use under another name: the authority may not sign it', async () => {
    const issuer = await makeIssuer(Date.now())
    const elsewhere = 'spiffe://elsewhere/gatehouse-system/edge/controller'
    const leaf = await issueLeaf(issuer, elsewhere, 'controller', Date.now())
    const { controller, dataplane } = stageAt(0)
    const address = await serve({ ...controller, ...leaf })
    const { events } = await follow(address, { ...dataplane, ca: issuer.certificate })
    // What Node calls a permitted subtree violation; a chain that holds would end in WRONG_PEER.
    expect(await events.first()).toMatchObject({ type: 'disconnected', code: 'UNSPECIFIED' })
  })
})
