import { seal, snapshotOf, type Resource, type ResourceSpec } from '@gatehouse/contract'
import { systemClock } from '../../../dataplane/src/clock.ts'
import { buildGateway, type BuiltGateway } from '../../../dataplane/src/gateway/build.ts'
import type { RawRequest } from '../../../dataplane/src/gateway/facts.ts'
import type { Admission, Gateway } from '../../../dataplane/src/gateway/gateway.ts'
import { createForwarding } from '../../../dataplane/src/forwarding.ts'
import type { MirrorState } from '../../../dataplane/src/forward/mirroring.ts'
import type { SessionEnd } from '../../../dataplane/src/http/sessionEnd.ts'
import { Listeners } from '../../../dataplane/src/http/listeners.ts'
import { defaultLimits, type ConnectionLimits } from '../../../dataplane/src/http/limits.ts'
import type { Balancers } from '../../../dataplane/src/state/balancing/balancers.ts'
import type { HealthChange } from '../../../dataplane/src/state/health/healthBook.ts'
import type { Breakers } from '../../../dataplane/src/state/breakers.ts'
import { createGatewayState } from '../../../dataplane/src/state/gatewayState.ts'
import type { Pools } from '../../../dataplane/src/state/pools.ts'
import type { NamespaceLoads } from '../../../dataplane/src/state/namespaceLoads.ts'
import type { Places } from '../../../dataplane/src/state/places.ts'
import type { RetryBudgets } from '../../../dataplane/src/state/retryBudgets.ts'
import type { DecisionRecord } from '../../../dataplane/src/telemetry/record.ts'
import {
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
  type Target,
} from '../../support/resources.ts'

type Forward = Extract<ResourceSpec<'route'>['rules'][number]['action'], { type: 'Forward' }>

/** What a test wants of a data plane; without wishes everything goes to the targets. */
export interface Wishes {
  readonly targets: readonly Target[]
  /** Where the upstream `shop/copies:80` is; default nowhere. */
  readonly copies?: readonly Target[]
  readonly action?: Partial<Forward>
  readonly policy?: Partial<ResourceSpec<'policy'>>
  readonly limits?: Partial<ConnectionLimits>
  /** In place of those of the shop. */
  readonly hostnames?: readonly string[]
  /** In place of the plain listener. */
  readonly listeners?: readonly Resource[]
  /** Stands before admission. */
  readonly around?: (request: RawRequest, admit: () => Admission) => Admission
  readonly random?: () => number
  /** Whether there is too little memory for new requests. Default: there never is. */
  readonly overload?: { readonly overloaded: boolean }
  /** Of the data plane. Default: not known. */
  readonly zone?: string
}

/** What has become of an address. */
interface HealthEvent {
  readonly change: HealthChange
  readonly address: string
}

/** The part of a data plane that speaks HTTP, with the real admission, without the push channel. */
export interface Fixture {
  readonly address: string
  readonly port: number
  readonly records: readonly DecisionRecord[]
  /** Why sessions of HTTP/2 had to be ended. */
  readonly sessionEnds: readonly SessionEnd[]
  readonly listeners: Listeners
  readonly pools: Pools
  readonly balancers: Balancers
  /** What the log would say of endpoints. */
  readonly changes: readonly HealthEvent[]
  readonly breakers: Breakers
  readonly retries: RetryBudgets
  readonly places: Places
  readonly loads: NamespaceLoads
  readonly mirroring: MirrorState
  /** Bytes kept of bodies that may have to be sent again. */
  kept(): number
  /** Waits until this many records have been written. */
  recorded(count: number): Promise<readonly DecisionRecord[]>
  /** Makes other wishes the configuration. @returns what was refused */
  apply(wishes: Wishes): Promise<readonly { readonly resource: string; readonly reason: string }[]>
  /** How often a port was taken, and how often such a one was opened then. */
  readonly ports: { readonly refused: number; readonly reopened: number }
  /** As before the first snapshot. */
  unconfigure(): void
  close(): Promise<void>
}

/** Starts listeners on 127.0.0.1 in front of the targets. */
export async function startFixture(first: Wishes): Promise<Fixture> {
  const records: DecisionRecord[] = []
  const sessionEnds: SessionEnd[] = []
  const waiting: (() => void)[] = []
  const state = createGatewayState({ clock: systemClock, random: Math.random })
  const random = first.random ?? Math.random
  const changes: HealthEvent[] = []
  const forwarding = createForwarding({
    clock: systemClock,
    random,
    zone: first.zone ?? null,
    observe: () => {},
    changed: (change, _upstream, address) => void changes.push({ change, address }),
  })
  let built: BuiltGateway | null = null
  let gateway: Gateway | null = null
  const ports = { refused: 0, reopened: 0 }
  const listeners = new Listeners(
    {
      gateway: () => gateway,
      forwarding,
      ...(first.overload && { overload: first.overload }),
      clock: systemClock,
      sessionEnded: (reason) => void sessionEnds.push(reason),
      limits: { ...defaultLimits, ...first.limits },
      record: (record) => {
        records.push(record)
        for (const wake of waiting.splice(0)) wake()
      },
    },
    {
      delay: () => {
        ports.refused++
        return 2
      },
      reopened: () => void ports.reopened++,
    },
  )
  const apply: Fixture['apply'] = async (wishes) => {
    const { resources, revision } = snapshotOf(resourcesOf(wishes).map(seal))
    const next = buildGateway({ resources, revision, state, clock: systemClock, previous: built })
    forwarding.loads.adopt(next.gateway.installation.parallelRequests)
    const { listener, certificate, trust } = next.parsed
    const refused = await listeners.apply({
      listeners: new Map([...listener].map(([name, { spec }]) => [name, spec])),
      certificates: new Map([...certificate].map(([name, { spec }]) => [name, spec])),
      trusts: trust,
    })
    forwarding.balancers.adopt(next.gateway)
    const { around } = wishes
    const { gateway: inner } = next
    gateway =
      around === undefined ? inner : { ...inner, admit: (raw, holder) => around(raw, () => inner.admit(raw, holder)) }
    built?.release()
    built = next
    return [...next.refused, ...refused]
  }
  await apply(first)
  const [bound] = listeners.bound()
  return {
    address: bound?.address ?? '',
    port: bound?.port ?? 0,
    records,
    sessionEnds,
    listeners,
    ...forwarding,
    changes,
    kept: () => forwarding.kept.held(),
    recorded: async (count) => {
      while (records.length < count) await new Promise<void>((resolve) => waiting.push(resolve))
      return records
    },
    apply,
    ports,
    unconfigure: () => (gateway = null),
    close: async () => {
      await listeners.close(0)
      await forwarding.close()
      await givenBack(forwarding.loads)
      built?.release()
      state.close()
    },
  }
}

/** Waits until nothing is taken of any namespace's share: a socket says a while later that it is closed. */
async function givenBack(loads: NamespaceLoads): Promise<void> {
  while ([...loads.all()].length > 0) await new Promise((resolve) => setImmediate(resolve))
}

function resourcesOf({ targets, copies = [], action, policy, listeners, hostnames }: Wishes): Resource[] {
  const rule = ruleTo('orders')
  const names = (listeners ?? []).filter(({ kind }) => kind === 'listener').map(({ name }) => name)
  return [
    installationResource(),
    ...(listeners ?? [listenerResource()]),
    ...upstreamResources('orders', targets),
    ...upstreamResources('copies', copies),
    policyResource(policy),
    routeResource([{ ...rule, action: { ...(rule.action as Forward), ...action } }], {
      hostnames: [...(hostnames ?? ['api.shop.example', '*.shop.example'])],
      ...(listeners === undefined ? {} : { listeners: names }),
    }),
  ]
}
