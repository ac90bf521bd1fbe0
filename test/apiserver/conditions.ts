import { waitFor, type ApiRequests, type JsonBody } from './apiRequests.ts'

export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
  readonly observedGeneration: number
  readonly lastTransitionTime: string
}

export interface StatusEntry {
  readonly controllerName: string
  readonly conditions: readonly Condition[]
}

/** What tests look at of an object with a status. */
export interface Described {
  readonly generation: number
  readonly resourceVersion: string
  /** Parents of a route, ancestors of a policy. */
  readonly entries: readonly StatusEntry[]
  readonly conditions: readonly Condition[]
}

export function describedBy(body: JsonBody): Described {
  const { generation, resourceVersion } = body['metadata'] as Described
  const status = (body['status'] ?? {}) as {
    readonly conditions?: readonly Condition[]
    readonly parents?: readonly StatusEntry[]
    readonly ancestors?: readonly StatusEntry[]
  }
  const entries = status.parents ?? status.ancestors ?? []
  return { generation, resourceVersion, entries, conditions: status.conditions ?? [] }
}

export const conditionOf = ({ conditions }: Described, type: string): Condition | undefined =>
  conditions.find((condition) => condition.type === type)

/** Waits until a condition of an object has this reason, for the object as it is now. */
export async function reasonOf(api: ApiRequests, path: string, type: string, reason: string): Promise<Described> {
  const { body } = await waitFor(api, path, (answer) => {
    const described = describedBy(answer.body)
    const condition = conditionOf(described, type)
    return condition?.reason === reason && condition.observedGeneration === described.generation
  })
  return describedBy(body)
}

export interface ApiEvent {
  readonly reason: string
  readonly note: string
  readonly type: string
  readonly regarding: { readonly kind: string; readonly name: string; readonly uid: string }
}

/** An object; its namespace is `shop` unless it is said. */
interface Regarded {
  readonly kind: string
  readonly namespace?: string
  readonly name: string
}

/** The Events of one reason about an object, once there is one. */
export async function eventsOf(
  api: ApiRequests,
  { kind, namespace = 'shop', name }: Regarded,
  reason: string,
): Promise<readonly ApiEvent[]> {
  const path = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`
  const select = (body: JsonBody): readonly ApiEvent[] =>
    (body['items'] as readonly ApiEvent[]).filter(
      (event) => event.reason === reason && event.regarding.kind === kind && event.regarding.name === name,
    )
  const { body } = await waitFor(api, path, (answer) => select(answer.body).length > 0)
  return select(body)
}
