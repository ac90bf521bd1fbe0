import { seal, type Action, type SealedResource } from '@gatehouse/contract'
import { startBackend, type Backend, type Responder } from '../../support/backend.ts'
import {
  forwardTo,
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  under,
  upstreamResources,
} from '../../support/resources.ts'
import { startServedDataplane, type ServedDataplane } from '../../support/servedDataplane.ts'
import { startAsker, type Answer } from './asker.ts'

type Forward = Extract<Action, { type: 'Forward' }>

/** Rules by the first segment of their path; each has an upstream of its own, so that none knows what others have seen. */
export type Rules = Readonly<Record<string, Partial<Forward>>>

/** A data plane in a process of its own, and recording backends that a script tells what to do. */
export interface Scene {
  readonly served: ServedDataplane
  readonly backends: readonly Backend[]
  ask(rule: string): Promise<Answer>
  /** Makes these backends the endpoints of all rules, and waits until the data plane has them. */
  move(backends: readonly Backend[]): Promise<void>
  /** Requests that have come to all backends together. */
  arrived(): number
  /** Connections that have come to all backends together. */
  connected(): number
  close(): Promise<void>
}

export interface SceneOptions {
  readonly backends: number
  readonly rules: Rules
  readonly nodeOptions?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

/** Answers 200 at once. */
export const fine: Responder = (_request, response) => void response.end('fine')

/** Answers with this status, after so many milliseconds. */
export const answering =
  (status: number, after = 0): Responder =>
  (_request, response) =>
    void setTimeout(() => response.writeHead(status, { 'content-length': 0 }).end(), after)

export const host = 'api.shop.example'

const resources = (rules: Rules, backends: readonly Backend[]): SealedResource[] =>
  [
    installationResource(),
    listenerResource(),
    policyResource(),
    ...Object.keys(rules).flatMap((name) => upstreamResources(name, backends)),
    routeResource(
      Object.entries(rules).map(([name, over]) =>
        ruleTo(name, { name, matches: under(`/${name}`), action: forwardTo(name, over) }),
      ),
    ),
  ].map(seal)

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

export async function startScene({ backends: count, rules, ...options }: SceneOptions): Promise<Scene> {
  const backends = await Promise.all(Array.from({ length: count }, () => startBackend(fine)))
  const served = await startServedDataplane(resources(rules, backends), options)
  const asker = startAsker(await served.process.listener('http'), host)
  return {
    served,
    backends,
    ask: asker.ask,
    move: async (next) => void (await served.controller.publish(resources(rules, next))),
    arrived: () => sum(backends.map(({ requests }) => requests.length)),
    connected: () => sum(backends.map((backend) => backend.accepted())),
    close: async () => {
      asker.close()
      await served.close()
      for (const backend of backends) await backend.close()
    },
  }
}
