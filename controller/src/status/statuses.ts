import type { accessPolicyStatus, Condition, gatehouseStatus, gatewayRouteStatus } from '@gatehouse/crds'
import type { Json } from '@gatehouse/contract'
import { listOf, member, textOf } from '../compile/raw.ts'
import { expiryFindings } from '../compile/expiry.ts'
import { sameJson } from '../compile/memo.ts'
import { conditionTypes } from '../compile/reasons.ts'
import type { Finding, ParentVerdict, Verdict } from '../compile/verdict.ts'
import { objectKey, type WorldObject } from '../world.ts'
import { circuitFindings, circuitsOf } from './circuits.ts'
import { conditionsOf, readConditions, worstOf } from './conditions.ts'
import { withDivided } from './dividedLimits.ts'
import { programmed, type Fleet } from './fleet.ts'
import { figuresOf } from './fleetFigures.ts'
import { settlingConditions, settlingFigures } from './settling.ts'
import { storeFindings, storeOutageOf } from './storeOutage.ts'

export type GatehouseStatus = ReturnType<typeof gatehouseStatus.parse>
export type GatewayRouteStatus = ReturnType<typeof gatewayRouteStatus.parse>
export type AccessPolicyStatus = ReturnType<typeof accessPolicyStatus.parse>
export type ObjectStatus = GatehouseStatus | GatewayRouteStatus | AccessPolicyStatus

type Raw = WorldObject['raw']

/** Who writes, and when. */
export interface Writer {
  /** Distinguishes the entries of one installation from those of others; see {@link controllerNameOf}. */
  readonly controllerName: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** The name that an installation's entries carry. */
export const controllerNameOf = (installation: { readonly namespace: string; readonly name: string }): string =>
  `gatehouse.dev/${installation.namespace}/${installation.name}`

const isAccepted = (findings: readonly Finding[]): boolean =>
  findings.some(({ type, status }) => type === 'Accepted' && status === 'True')

const notAccepted: Finding = { type: 'Programmed', status: 'False', reason: 'NotAccepted', message: 'Not accepted' }

/** Findings of the compiler and of the data planes, in the order of condition types. */
function withProgrammed(findings: readonly Finding[], resources: readonly string[], fleet: Fleet): readonly Finding[] {
  const own = isAccepted(findings) ? programmed(resources, fleet) : notAccepted
  return [...findings, own].sort((a, b) => conditionTypes.indexOf(a.type) - conditionTypes.indexOf(b.type))
}

const stated = (conditions: Condition[], before: readonly Condition[], { settling }: Fleet): Condition[] =>
  settling ? settlingConditions(conditions, before) : conditions

/** What the writing of one status needs to know. */
interface Writing {
  readonly verdict: Verdict
  /** The object as it is now. */
  readonly raw: Raw
  readonly fleet: Fleet
  readonly writer: Writer
}

/** Only routes have circuits. */
const circuitsIn = ({ verdict, raw, fleet }: Writing): readonly Finding[] =>
  verdict.kind === 'GatewayRoute'
    ? circuitFindings(fleet.circuits ?? circuitsOf(fleet.sessions), objectKey(verdict), raw)
    : []

interface Entry {
  readonly ref: ParentVerdict['ref']
  readonly controllerName: string
  readonly conditions: Condition[]
}

/** An entry as it stands in an object; null when it has not the form of one. */
function readEntry(value: Json, refField: 'parentRef' | 'ancestorRef'): Entry | null {
  const ref = member(value, refField)
  const [name, kind, controllerName] = [member(ref, 'name'), member(ref, 'kind'), member(value, 'controllerName')].map(
    textOf,
  )
  if (name === undefined || kind === undefined || controllerName === undefined) return null
  const [namespace, sectionName] = [member(ref, 'namespace'), member(ref, 'sectionName')].map(textOf)
  return {
    ref: {
      group: textOf(member(ref, 'group')) ?? '',
      kind,
      ...(namespace === undefined ? {} : { namespace }),
      name,
      ...(sectionName === undefined ? {} : { sectionName }),
    },
    controllerName,
    conditions: [...readConditions(member(value, 'conditions'))],
  }
}

/**
 * The entries of all controllers, with ours written anew. Each keeps its place, so that two controllers that write
 * the same object come to rest.
 */
function mergedEntries(previous: readonly Entry[], writing: Writing): readonly Entry[] {
  const { verdict, fleet, writer } = writing
  const { controllerName, now } = writer
  const isOf = (ref: ParentVerdict['ref']) => (entry: Entry) =>
    entry.controllerName === controllerName && sameJson(entry.ref, ref)
  const timely = [...expiryFindings(verdict.expiries ?? [], now), ...circuitsIn(writing)]
  const ours = verdict.parents.map(({ ref, findings, resources }): Entry => {
    const before = previous.find(isOf(ref))?.conditions ?? []
    const stamp = { generation: verdict.generation, now }
    const all = withProgrammed([...findings, ...timely], resources, fleet)
    const conditions = conditionsOf(withDivided(all, verdict.divided ?? [], fleet.dividedBy), before, stamp)
    return { ref, controllerName, conditions: stated(conditions, before, fleet) }
  })
  const kept = previous.flatMap((entry) =>
    entry.controllerName === controllerName ? (ours.find(isOf(entry.ref)) ?? []) : entry,
  )
  return [...kept, ...ours.filter((entry) => !kept.includes(entry))]
}

function entriesOf(raw: Raw, list: string, refField: 'parentRef' | 'ancestorRef', writing: Writing): readonly Entry[] {
  const previous = listOf(member(raw['status'], list)).flatMap((value) => readEntry(value, refField) ?? [])
  return mergedEntries(previous, writing)
}

const maxParents = 32
const maxAncestors = 16

function routeStatus(raw: Raw, writing: Writing): GatewayRouteStatus {
  const entries = entriesOf(raw, 'parents', 'parentRef', writing).slice(0, maxParents)
  const parents = entries.map(({ ref, ...rest }) => ({ parentRef: ref, ...rest }))
  return { parents, conditions: overall(raw, entries, writing) }
}

function policyStatus(raw: Raw, writing: Writing): AccessPolicyStatus {
  const entries = entriesOf(raw, 'ancestors', 'ancestorRef', writing).slice(0, maxAncestors)
  const ancestors = entries.map(({ ref, ...rest }) => ({ ancestorRef: ref, ...rest }))
  const targetCount = listOf(member(raw['spec'], 'targetRefs')).length
  return { targetCount, ancestors, conditions: overall(raw, entries, writing) }
}

const overall = (raw: Raw, entries: readonly Entry[], { writer }: Writing): Condition[] =>
  worstOf(
    entries.map(({ conditions }) => conditions),
    readConditions(member(raw['status'], 'conditions')),
    writer.now,
  )

function gatehouseStatusOf(raw: Raw, { verdict, fleet, writer }: Writing): GatehouseStatus {
  const stamp = { generation: verdict.generation, now: writer.now }
  const before = listOf(member(raw['status'], 'listeners'))
  const conditions = (findings: readonly Finding[], value: Json | undefined): Condition[] => {
    const previous = readConditions(value)
    return stated(conditionsOf(findings, previous, stamp), previous, fleet)
  }
  const listeners = verdict.listeners.map(({ name, attachedRoutes, findings, resources }) => {
    const previous = before.find((one) => member(one, 'name') === name)
    const all = withProgrammed(findings, resources, fleet)
    return { name, attachedRoutes, conditions: conditions(all, member(previous, 'conditions')) }
  })
  const findings = [
    ...verdict.parents.flatMap((one) => withProgrammed(one.findings, one.resources, fleet)),
    ...storeFindings(fleet.storeOutage ?? storeOutageOf(fleet.sessions), verdict.resources),
  ]
  const figures = fleet.said ?? figuresOf(fleet)
  return {
    conditions: conditions(findings, member(raw['status'], 'conditions')),
    listeners,
    fleet: fleet.settling ? settlingFigures(figures, member(raw['status'], 'fleet')) : figures,
  }
}

/**
 * The whole status of an object: what the compiler said, what the data planes did with it, and what other controllers
 * wrote there.
 *
 * @param raw - the object as it is now; its status is where transition times and the entries of others come from
 * @returns a value that differs from the object's status only when something is to be written
 */
export function statusOf(verdict: Verdict, raw: Raw, fleet: Fleet, writer: Writer): ObjectStatus {
  const writing = { verdict, raw, fleet, writer }
  switch (verdict.kind) {
    case 'Gatehouse':
      return gatehouseStatusOf(raw, writing)
    case 'GatewayRoute':
      return routeStatus(raw, writing)
    case 'AccessPolicy':
      return policyStatus(raw, writing)
  }
}
