import { group, version } from '@gatehouse/crds'
import type { Clock } from '../clock.ts'
import type { KubeClient } from '../kube/client.ts'
import { microTime } from '../microTime.ts'
import type { WorldObject } from '../world.ts'
import type { DueEvent } from './events.ts'

/** Tells people of what they must act on, by Events of the API server. */
export interface EventRecorder {
  /** Never rejects: the same is in the status, so an Event that could not be written is not tried again. */
  record(object: WorldObject, due: readonly DueEvent[]): Promise<void>
}

export interface EventRecorderOptions {
  readonly client: Pick<KubeClient, 'create'>
  /** Name of this process, such as that of its Pod; cut to 128 characters. */
  readonly instance: string
  readonly clock: Clock
  readonly failed: (error: unknown) => void
}

/** Events that may be written at once, and milliseconds after which there is one more. */
const burst = 50
const refill = 1_000
/** Milliseconds in which an object is not told the same reason again. */
const quiet = 600_000
const maxNote = 1_024
const maxRemembered = 10_000

/** Decides which Events are written at all. */
function createBudget(clock: Clock): (uid: string, reason: string) => boolean {
  const told = new Map<string, number>()
  let [tokens, filledAt] = [burst, clock.monotonic()]
  return (uid, reason) => {
    const now = clock.monotonic()
    const key = `${uid}/${reason}`
    if (now - (told.get(key) ?? -Infinity) < quiet) return false
    tokens = Math.min(burst, tokens + (now - filledAt) / refill)
    filledAt = now
    if (tokens < 1) return false
    tokens -= 1
    // A map goes through its keys in the order of their entry, so the first is the oldest.
    told.delete(key)
    told.set(key, now)
    if (told.size > maxRemembered) told.delete(told.keys().next().value ?? '')
    return true
  }
}

export function createEventRecorder({ client, instance, clock, failed }: EventRecorderOptions): EventRecorder {
  const mayTell = createBudget(clock)
  const write = async ({ kind, meta }: WorldObject, { reason, message }: DueEvent): Promise<void> => {
    const { namespace, name, uid } = meta
    await client.create(`/apis/events.k8s.io/v1/namespaces/${namespace}/events`, {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { namespace, generateName: `${name.slice(0, 200)}-` },
      eventTime: microTime(clock.now()),
      reportingController: `${group}/controller`,
      reportingInstance: instance.slice(0, 128),
      action: 'Compile',
      type: 'Warning',
      reason,
      note: message.slice(0, maxNote),
      regarding: { apiVersion: `${group}/${version}`, kind, namespace, name, uid },
    })
  }
  return {
    record: async (object, due) => {
      for (const one of due) {
        if (mayTell(object.meta.uid, one.reason)) await write(object, one).catch(failed)
      }
    },
  }
}
