import type { Json } from '@gatehouse/contract'
import { group, kinds, version } from '@gatehouse/crds'
import { sameJson } from '../compile/memo.ts'
import { listOf, member, textOf } from '../compile/raw.ts'
import type { Verdict } from '../compile/verdict.ts'
import type { KubeClient, Written } from '../kube/client.ts'
import type { WorldObject } from '../world.ts'
import type { Fleet } from './fleet.ts'
import { statusOf, type Writer } from './statuses.ts'

type Raw = WorldObject['raw']

/** The requests that status needs. */
export type StatusClient = Pick<KubeClient, 'get' | 'apply' | 'put'>

/** What a status is made of. */
export interface StatusInput {
  readonly verdict: Verdict
  readonly fleet: Fleet
  readonly writer: Writer
  /** Whether this process still leads in the term in which the verdict was made. Asked before each write. */
  readonly mayWrite: () => boolean
}

/** A status that was written: the object before and as the API server answered. */
export interface StatusChange {
  readonly before: Raw
  readonly after: Raw
}

/** Too many others wrote the same object at the same time. */
export class ContendedError extends Error {
  readonly code = 'CONTENDED'
}

export const fieldManager = 'gatehouse-controller'
const apiVersion = `${group}/${version}`
const maxAttempts = 5

const entryList = { GatewayRoute: 'parents', AccessPolicy: 'ancestors' } as const

/** Whether there is something to say: a finding of ours, or an entry of ours that is to go. */
function concerns({ verdict, writer }: StatusInput, status: Json | undefined): boolean {
  if (verdict.parents.length > 0 || verdict.kind === 'Gatehouse') return true
  const entries = listOf(member(status, entryList[verdict.kind]))
  return entries.some((entry) => member(entry, 'controllerName') === writer.controllerName)
}

/**
 * The status of a Gatehouse is ours alone and is applied; that of the others has lists that installations share and is
 * replaced. Both only where the object is still of the version that the status was made from: the API server does not
 * compare the uid of what is applied, and an object made anew is another one.
 */
async function send(client: StatusClient, path: string, { verdict }: StatusInput, object: Raw): Promise<Written> {
  const { kind, name, namespace } = verdict
  if (kind === 'Gatehouse') {
    const resourceVersion = textOf(member(object['metadata'], 'resourceVersion')) ?? ''
    const [status, metadata] = [object['status'] ?? {}, { name, namespace, resourceVersion }]
    return await client.apply(`${path}/status`, { apiVersion, kind, metadata, status }, fieldManager)
  }
  return await client.put(`${path}/status`, object, fieldManager)
}

/**
 * Writes the status of one object if it differs, again from the object as it is now when somebody else was faster.
 *
 * @param known - the object as it was last seen
 * @returns null when nothing was to be written, when the object is gone or another one by now, or when the term is over
 * @throws ContendedError after five attempts; the client's errors
 */
export async function writeStatus(client: StatusClient, input: StatusInput, known: Raw): Promise<StatusChange | null> {
  const { verdict, fleet, writer } = input
  const path = `/apis/${apiVersion}/namespaces/${verdict.namespace}/${kinds[verdict.kind].plural}/${verdict.name}`
  let before: Raw | null = known
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    if (before === null || textOf(member(before['metadata'], 'uid')) !== verdict.uid) return null
    if (!concerns(input, before['status'])) return null
    const status = statusOf(verdict, before, fleet, writer)
    if (sameJson(before['status'], status) || !input.mayWrite()) return null
    const written = await send(client, path, input, { ...before, status: status as Json })
    if (written === 'gone') return null
    if (written !== 'conflict') return { before, after: written.object }
    before = await client.get(path)
  }
  throw new ContendedError(`${verdict.kind} ${verdict.namespace}/${verdict.name} is written too often by others`)
}
