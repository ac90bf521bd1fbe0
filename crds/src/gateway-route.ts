import { z } from 'zod'
import {
  duration,
  entryName,
  grantedNamespace,
  group,
  headerName,
  hostname,
  method,
  milliseconds,
  namespaceName,
  objectName,
  port,
  positiveDuration,
  text,
} from './common.ts'
import { backendAuth } from './backend-auth.ts'
import { atomic, listMap, set } from './lists.ts'
import { routePathMatch } from './path-match.ts'
import { ruled } from './rule.ts'

const parentRef = z
  .strictObject({
    group: z.enum([group]).default(group).describe('The API group; only gatehouse.dev.'),
    kind: z.enum(['Gatehouse']).default('Gatehouse').describe('The kind; only Gatehouse.'),
    namespace: namespaceName('The namespace of the Gatehouse. Default: that of this route.').optional(),
    name: objectName('The name of the Gatehouse.'),
    sectionName: entryName('The name of one listener. Absent = the listeners marked default.').optional(),
  })
  .describe('A Gatehouse, or one of its listeners.')

type ParentRef = z.output<typeof parentRef>
const sameParent = (a: ParentRef, b: ParentRef): boolean =>
  a.name === b.name && a.namespace === b.namespace && a.sectionName === b.sectionName

const parentRefs = ruled(
  atomic(
    parentRef,
    { min: 1, max: 16 },
    'The installations that serve this route. Absent = the only Gatehouse in the cluster.',
  ),
  {
    rule: 'self.all(a, self.exists_one(b, a.name == b.name && (has(a.__namespace__) ? has(b.__namespace__) && a.__namespace__ == b.__namespace__ : !has(b.__namespace__)) && (has(a.sectionName) ? has(b.sectionName) && a.sectionName == b.sectionName : !has(b.sectionName))))',
    message: 'parentRefs must differ in namespace, name or sectionName',
    holds: (self) => self.every((a) => self.filter((b) => sameParent(a, b)).length === 1),
  },
)

const match = ruled(
  z
    .strictObject({
      path: routePathMatch.optional().describe('The path that a request must have. Absent = any path.'),
      methods: set(
        method,
        { min: 1, max: 16 },
        'The methods that match; GET covers HEAD. Absent = any method.',
      ).optional(),
      headers: listMap(
        z
          .strictObject({
            name: headerName('The name of the header; case does not matter.'),
            type: z.enum(['Exact']).default('Exact').describe('How the value is compared; only Exact.'),
            value: text(4096, 'The value that the header must have.'),
          })
          .describe('A header that a request must have.'),
        ['name'],
        { min: 1, max: 16 },
        'Headers that must all be there with exactly these values. Absent = any headers.',
      ).optional(),
    })
    .describe('Conditions that must all hold.'),
  {
    rule: 'has(self.path) || has(self.methods) || has(self.headers)',
    message: 'a match needs at least one of path, methods and headers',
    holds: (self) => self.path !== undefined || self.methods !== undefined || self.headers !== undefined,
  },
)

const backendRef = z
  .strictObject({
    namespace: grantedNamespace,
    name: objectName('The name of a Service.'),
    port: port('The port of the Service.'),
    weight: z
      .int()
      .min(0)
      .max(1000000)
      .default(1)
      .describe('The share of requests, relative to the sum of all weights of the rule. 0 = none.'),
    auth: backendAuth.optional(),
  })
  .describe('A Service that requests go to, by its ready endpoints.')

/** What the API server writes into a rule that does not say. */
export const defaultTimeouts = {
  request: '15s',
  backendRequest: '0s',
  connect: '1s',
  idle: '60s',
  maxStreamAge: '1h',
} as const

const timeouts = ruled(
  z
    .strictObject({
      request: duration(
        'From the start of a request to its last byte answered. 0s = bounds.maxTimeout of the Gatehouse; more is cut to it.',
      ).default(defaultTimeouts.request),
      backendRequest: duration(
        'From the start of the request to a backend to its response. 0s = bounds.maxTimeout of the Gatehouse, as for all.',
      ).default(defaultTimeouts.backendRequest),
      connect: duration('For a connection to a backend, TLS included. 0s = off.').default(defaultTimeouts.connect),
      idle: duration('Between two bytes of a body, in either direction. 0s = off.').default(defaultTimeouts.idle),
      maxStreamAge: duration(
        'From the start of a request to the end of an answer whose length is not known beforehand; bounds.maxTimeout does not bound it. 0s = off.',
      ).default(defaultTimeouts.maxStreamAge),
    })
    .prefault({})
    .describe('How long a request may take.'),
  {
    rule: "duration(self.request) == duration('0s') || duration(self.backendRequest) <= duration(self.request)",
    message: 'backendRequest must not be longer than request',
    holds: (self) =>
      milliseconds(self.request) === 0 || milliseconds(self.backendRequest) <= milliseconds(self.request),
  },
)

const circuitBreaker = z
  .strictObject({
    errorPercent: z
      .int()
      .min(1)
      .max(100)
      .default(50)
      .describe('The share of failed requests that opens it, in percent.'),
    minRequests: z
      .int()
      .min(1)
      .max(1000000)
      .default(20)
      .describe('The requests that the window must hold before it can open.'),
    window: positiveDuration('The time that is looked back on.').default('10s'),
    openFor: positiveDuration('How long it stays open before one request tries the backend again.').default('15s'),
  })
  .describe('Stops asking a backend that fails. Only faults of the backend count. Absent = never.')

const rule = z
  .strictObject({
    name: entryName('The name of the rule: what the sectionName of a policy means.'),
    matches: atomic(
      match,
      { min: 1, max: 8 },
      'The requests that this rule is for: those that one of these matches. Absent = every request.',
    ).optional(),
    // Not unique, as in the HTTPRoute: the same Service twice has both weights.
    backendRefs: atomic(
      backendRef,
      { min: 1, max: 16 },
      'Where requests go. One whose share falls on a Service that does not exist is answered 500.',
    ),
    timeouts,
    circuitBreaker: circuitBreaker.optional(),
  })
  .describe('Which requests go where.')

export const gatewayRouteSpec = z
  .strictObject({
    parentRefs: parentRefs.optional(),
    hostnames: set(
      hostname('A name, or *. and a name, in lower case.'),
      { min: 1, max: 16 },
      'The hosts that this route is for.',
    ),
    rules: listMap(rule, ['name'], { min: 1, max: 16 }, 'Which requests go where. The most specific match wins.'),
  })
  .describe('Where a request goes.')

export type GatewayRouteSpec = z.output<typeof gatewayRouteSpec>
export type GatewayRouteSpecInput = z.input<typeof gatewayRouteSpec>
