import type { Json } from '@gatehouse/contract'
import { worldOf } from '../compile/worldOf.ts'
import type { ConditionReason } from '../compile/reasons.ts'
import type { Verdict } from '../compile/verdict.ts'
import type { KubeObject, Written } from '../kube/client.ts'
import { sessionOf } from '../push/sessionFixture.ts'
import type { DueEvent } from './events.ts'
import type { Fleet } from './fleet.ts'
import { StatusWriter, type Statements, type WriteFailure } from './writer.ts'

/** A status writer before an API server that is a memory, for unit tests. */

export const us = 'gatehouse.dev/gatehouse-system/edge'
const ref = { group: 'gatehouse.dev', kind: 'Gatehouse', namespace: 'gatehouse-system', name: 'edge' }

export function verdictOf(kind: Verdict['kind'], name: string, reason: ConditionReason = 'Accepted'): Verdict {
  const status = reason === 'Accepted' ? 'True' : 'False'
  const findings = [{ type: 'Accepted', status, reason, message: 'words' }] as const
  const parents = [{ ref, findings, resources: ['route/x'] }]
  return { kind, namespace: 'shop', name, uid: `uid-${name}`, generation: 1, parents, listeners: [], resources: [] }
}

export const objectOf = (kind: string, name: string, status?: Json): KubeObject => ({
  apiVersion: 'gatehouse.dev/v1alpha1',
  kind,
  metadata: { namespace: 'shop', name, uid: `uid-${name}`, resourceVersion: '1', generation: 1 },
  spec: { hostnames: ['a.example'] },
  ...(status === undefined ? {} : { status }),
})

export const withVersion = (object: KubeObject, resourceVersion: string): KubeObject => ({
  ...object,
  metadata: { ...(object['metadata'] as KubeObject), resourceVersion },
})

/** An API server's memory, which a test may spoil. */
export class Memory {
  readonly objects = new Map<string, KubeObject>()
  readonly requests: string[] = []
  /** Answers before the memory does, while it gives something. */
  before: (request: string) => Promise<Written | null> = () => Promise.resolve(null)

  async get(path: string): Promise<KubeObject | null> {
    this.requests.push(`get ${path.split('/').at(-1)}`)
    return await Promise.resolve(this.objects.get(path) ?? null)
  }

  apply = (path: string, object: Json): Promise<Written> => this.#write('apply', path, object as KubeObject)
  put = (path: string, object: Json): Promise<Written> => this.#write('put', path, object as KubeObject)

  async #write(verb: string, statusPath: string, object: KubeObject): Promise<Written> {
    const path = statusPath.replace(/\/status$/, '')
    const request = `${verb} ${path.split('/').at(-1)}`
    this.requests.push(request)
    const answer = await this.before(request)
    if (answer !== null) return answer
    const present = this.objects.get(path)
    if (present === undefined) return 'gone'
    const { resourceVersion: given } = object['metadata'] as { resourceVersion?: string }
    const { resourceVersion: held } = present['metadata'] as { resourceVersion: string }
    if (given !== undefined && given !== held) return 'conflict'
    const after = withVersion({ ...present, status: object['status'] ?? null }, String(Number(held) + 1))
    this.objects.set(path, after)
    return { object: after }
  }
}

const plurals = { Gatehouse: 'gatehouses', GatewayRoute: 'gatewayroutes', AccessPolicy: 'accesspolicies' } as const
export const pathOf = ({ kind, name }: Verdict): string =>
  `/apis/gatehouse.dev/v1alpha1/namespaces/shop/${plurals[kind]}/${name}`

const nobody: Fleet = { expected: 0, sessions: [], revision: 'r', settling: false, dividedBy: 1, contentOf: () => null }

/** One data plane, which serves what is wanted or nothing of it. @param looked - called when it is looked at */
export const fleetServing = (revision: 'r' | 'older', looked = (): void => {}): Fleet => ({
  ...nobody,
  expected: 1,
  sessions: [sessionOf({ revision })],
  contentOf: (wanted) => {
    looked()
    return new Map(wanted === 'r' ? [['route/x', { hash: '1' }]] : [])
  },
})

export function setUp(...verdicts: readonly Verdict[]) {
  const memory = new Memory()
  for (const verdict of verdicts) memory.objects.set(pathOf(verdict), objectOf(verdict.kind, verdict.name))
  const failures: WriteFailure[] = []
  const events: string[] = []
  let now = Date.UTC(2026, 0, 1)
  const leader: { term: number | null } = { term: 1 }
  const writer = new StatusWriter({
    client: memory,
    authority: { term: () => leader.term },
    events: {
      record: (object, due: readonly DueEvent[]) => {
        for (const { reason } of due) events.push(`${object.meta.name} ${reason}`)
        return Promise.resolve()
      },
    },
    controllerName: us,
    clock: { now: () => (now += 1_000), monotonic: () => now },
    failed: (failure) => failures.push(failure),
    settle: 0,
    retry: 0,
    patience: 60_000,
  })
  const statements = (about = verdicts, objects: Iterable<KubeObject> = memory.objects.values()): Statements => ({
    verdicts: about,
    world: worldOf(objects, 'FromMetadata'),
    fleet: nobody,
    term: 1,
  })
  const statusOf = (verdict: Verdict) => memory.objects.get(pathOf(verdict))?.['status']
  const later = (time: number): void => void (now += time)
  return { memory, leader, later, writer, failures, events, statements, statusOf }
}

export const route = verdictOf('GatewayRoute', 'orders')
