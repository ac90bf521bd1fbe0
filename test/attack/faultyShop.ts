import { seal, type Action, type Resource } from '@gatehouse/contract'
import type { LogLine } from '../support/logs.ts'
import { openRaw } from '../support/raw.ts'
import type { RawResponse } from '../support/response.ts'
import {
  forwardTo,
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
} from '../support/resources.ts'
import { startServedDataplane } from '../support/servedDataplane.ts'
import { attackedEntry } from './attackedEntry.ts'
import { startFaultyBackend, type FaultyBackend, type Script } from './faultyBackend.ts'

type Forward = Extract<Action, { type: 'Forward' }>

export interface Asked {
  readonly method?: string
  readonly headers?: readonly string[]
  /** Default: none. */
  readonly body?: string
}

/** A data plane in front of a backend that cannot be relied on, whose connections all rules share. */
export interface FaultyShop {
  readonly backend: FaultyBackend
  /**
   * Asks by a connection of its own.
   *
   * @param path - `RULE/SCRIPT/OWN`
   * @returns status and body, or the code of the gateway; `broken` where the client cannot take it for the whole
   */
  ask(path: string, asked?: Asked): Promise<string>
  /** Where it listens. */
  listener(): Promise<{ readonly address: string; readonly port: number }>
  /** The decision about the request for this path. */
  decision(path: string): Promise<LogLine>
  /** Text of the metrics. */
  metrics(): Promise<string>
  close(): Promise<void>
}

const timeouts = { request: 15_000, backendRequest: 0, connect: 1000, idle: 60_000, maxStreamAge: 0 }

/** Rules by the first segment of the path. */
const rules: Readonly<Record<string, Partial<Forward>>> = {
  plain: {},
  brief: { timeouts: { ...timeouts, request: 300 } },
  again: { retry: { attempts: 3, codes: [503], backoff: 1, budgetPercent: 100 } },
  watched: { breaker: { errorPercent: 50, minRequests: 4, window: 60_000, openFor: 60_000, slowCall: null } },
  queued: { parallel: { max: 1, pending: 64 } },
}

const resources = (backend: FaultyBackend): Resource[] => [
  installationResource(),
  listenerResource(),
  policyResource(),
  ...upstreamResources('faulty', [backend]),
  routeResource(
    Object.entries(rules).map(([name, over]) =>
      ruleTo('faulty', {
        name,
        matches: [{ path: { type: 'PathPrefix', value: `/${name}` }, methods: null, headers: [], queryParams: [] }],
        action: forwardTo('faulty', over),
      }),
    ),
  ),
]

function summary(responses: readonly RawResponse[]): string {
  const last = responses.at(-1)
  if (last === undefined || last.status < 200 || !last.complete) return 'broken'
  if (last.headers.get('content-type')?.[0] !== 'application/problem+json')
    return `${last.status} ${last.body.toString()}`
  const { type } = JSON.parse(last.body.toString()) as { readonly type: string }
  return `${last.status} ${type.replace('urn:gatehouse:problem:', '')}`
}

export async function startFaultyShop(scripts: ReadonlyMap<string, Script>): Promise<FaultyShop> {
  const backend = await startFaultyBackend(scripts)
  const served = await startServedDataplane(resources(backend).map(seal), attackedEntry)
  const ask: FaultyShop['ask'] = async (path, { method = 'GET', headers = [], body = '' } = {}) => {
    const connection = await openRaw(await served.process.listener('http'), { methods: [method] })
    const lines = [`${method} /${path} HTTP/1.1`, 'Host: api.shop.example', ...headers]
    await connection.send(`${lines.join('\r\n')}\r\n\r\n${body}`)
    try {
      for (let count = 1; ; count++) {
        const { responses, closed } = await connection.read(count)
        if (closed || responses.some(({ status }) => status >= 200)) return summary(responses)
      }
    } finally {
      connection.close()
    }
  }
  return {
    backend,
    ask,
    listener: () => served.process.listener('http'),
    decision: (path) => served.process.lines.first((line) => line['path'] === `/${path}`),
    metrics: async () => await (await fetch(`${await served.process.admin()}/metrics`)).text(),
    close: async () => {
      await served.close()
      await backend.close()
    },
  }
}
