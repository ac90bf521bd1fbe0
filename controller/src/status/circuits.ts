import { maxOpenCircuits, type OpenCircuit } from '@gatehouse/contract'
import { sentence } from '../compile/findings.ts'
import { listOf, member, textOf } from '../compile/raw.ts'
import type { Finding } from '../compile/verdict.ts'
import type { SessionState } from '../push/sessions.ts'
import type { WorldObject } from '../world.ts'
import { plain } from './fleetFigures.ts'

/** The circuits that are open at some data plane, by `namespace/name` of their route, each once and sorted. */
export type Circuits = ReadonlyMap<string, readonly Pick<OpenCircuit, 'rule' | 'upstream'>[]>

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** What all data planes together say; of more routes than one of them may name the first. */
export function circuitsOf(sessions: readonly Pick<SessionState, 'openCircuits'>[]): Circuits {
  const distinct = new Map(
    sessions.flatMap(({ openCircuits }) => openCircuits.map((one) => [JSON.stringify(one), one])),
  )
  const sorted = [...distinct].sort(([a], [b]) => byText(a, b)).map(([, one]) => one)
  const byRoute = Map.groupBy(sorted, ({ route }) => route)
  return new Map([...byRoute].sort(([a], [b]) => byText(a, b)).slice(0, maxOpenCircuits))
}

/** What the circuits mean for an object, as a word: as long as it is the same, so is what is said of them. */
export const circuitWord = (circuits: Circuits, object: string): string => JSON.stringify(circuits.get(object) ?? null)

/**
 * What there is to say of the circuits of a route. A rule that it does not have is not named, and no word of a data plane
 * but the name of an upstream gets into the sentence (M19).
 */
export function circuitFindings(circuits: Circuits, object: string, raw: WorldObject['raw']): readonly Finding[] {
  const rules = listOf(member(raw['spec'], 'rules')).map((rule) => textOf(member(rule, 'name')))
  const places = (circuits.get(object) ?? []).flatMap(({ rule, upstream }) => {
    const index = rules.indexOf(rule)
    return index < 0 ? [] : [`/spec/rules/${index} (${plain(upstream)})`]
  })
  if (places.length === 0) return []
  const reason = 'BackendFailing'
  return [{ type: 'CircuitOpen', status: 'True', reason, message: sentence(reason, places) }]
}
