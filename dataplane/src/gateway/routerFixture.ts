import type { RuleMatch } from '@gatehouse/contract'
import type { RequestFacts } from './facts.ts'
import { noTrust } from './clientAddress.ts'
import { readRequest } from './form.ts'
import { candidate, type Candidate } from './candidate.ts'
import { buildRouter, findRule, type Router, type Tenancy } from './router.ts'
import { atOnce } from '../slices.ts'
import { request } from './snapshotFixture.ts'

/** Small routers for unit tests. */

export interface Stub {
  readonly namespace: string
  readonly name: string
}

export interface StubRoute {
  readonly name: string
  readonly hostnames: readonly string[]
  readonly matches: readonly RuleMatch[]
  readonly namespace?: string
  readonly created?: number
  readonly incomplete?: boolean
}

export const prefix = (value: string, over: Partial<RuleMatch> = {}): RuleMatch => ({
  path: { type: 'PathPrefix', value },
  methods: null,
  headers: [],
  queryParams: [],
  ...over,
})
export const template = (value: string, over: Partial<RuleMatch> = {}): RuleMatch => ({
  ...prefix(value, over),
  path: { type: 'Template', value },
})
export const regex = (value: string, over: Partial<RuleMatch> = {}): RuleMatch => ({
  ...prefix(value, over),
  path: { type: 'RegularExpression', value },
})
export const exact = (value: string, over: Partial<RuleMatch> = {}): RuleMatch => ({
  ...prefix(value, over),
  path: { type: 'Exact', value },
})

type Value = RuleMatch['headers'][number]
/** A header or a parameter that must be there. */
export const value = (name: string, text: string, type: Value['type'] = 'Exact'): Value => ({ name, type, value: text })
export const expression = (name: string, text: string): Value => value(name, text, 'RegularExpression')

export function routerOf(routes: readonly StubRoute[]): Router<Stub> {
  const hosts = new Map<string, { candidates: Candidate<Stub>[]; incomplete: Set<string> }>()
  for (const { name, hostnames, matches, namespace = 'shop', created = 0, incomplete: broken } of routes) {
    const stub = { namespace, name }
    const own = matches.map((match, order) => candidate(match, { created, route: `${namespace}/${name}`, order }, stub))
    for (const hostname of hostnames) {
      const host = hosts.get(hostname) ?? { candidates: [], incomplete: new Set() }
      hosts.set(hostname, host)
      host.candidates.push(...own)
      if (broken) host.incomplete.add(namespace)
    }
  }
  return atOnce(buildRouter(hosts, null))
}

export function factsOf(host: string, target: string, method = 'GET', headers: readonly string[] = []): RequestFacts {
  const facts = readRequest(request(target, [], { method, rawHeaders: ['Host', host, ...headers] }), noTrust)
  if (typeof facts === 'string') throw new Error(facts)
  return facts
}

export function find(routes: readonly StubRoute[], facts: RequestFacts, tenancy: Tenancy = null): string {
  const found = findRule(routerOf(routes), tenancy, facts)
  return typeof found === 'string' ? found : found.destination.name
}

export const one = (name: string, ...matches: RuleMatch[]): StubRoute => ({ name, hostnames: ['a.example'], matches })
