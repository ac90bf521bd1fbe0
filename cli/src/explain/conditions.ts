import type { Verdict } from '@gatehouse/controller'

/** What the controller says of a policy that has to do with a route, and that is worth knowing. */
export interface ConditionNote {
  /** `namespace/name`. */
  readonly policy: string
  readonly type: string
  readonly reason: string
  readonly message: string
}

const telling: ReadonlySet<string> = new Set(['Overridden', 'Conflicted', 'PartiallyInvalid', 'AddressesUnknown'])

const maxNotes = 50

/** What was overridden or lost, and what is wrong, among the policies over a route. @param route - `namespace/name` */
export function conditionNotes(verdicts: readonly Verdict[], route: string | null): readonly ConditionNote[] {
  if (route === null) return []
  const name = route.slice(route.indexOf('/') + 1)
  const namespace = route.slice(0, route.indexOf('/'))
  const notes = verdicts.flatMap((verdict) => {
    if (verdict.kind !== 'AccessPolicy') return []
    const policy = `${verdict.namespace}/${verdict.name}`
    const parents = verdict.parents.filter(({ ref, resources }) =>
      ref.kind === 'GatewayRoute'
        ? verdict.namespace === namespace && ref.name === name
        : resources.includes(`route/${route}`) || ref.name === namespace || ref.kind === 'Gatehouse',
    )
    return parents.flatMap(({ findings }) =>
      findings
        .filter(({ type, status }) => (telling.has(type) ? status === 'True' : status === 'False'))
        .map(({ type, reason, message }) => ({ policy, type, reason, message })),
    )
  })
  const distinct = new Map(notes.map((one) => [JSON.stringify(one), one]))
  return [...distinct.values()].slice(0, maxNotes)
}
