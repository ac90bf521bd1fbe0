import { z } from 'zod'
import { backendAuth } from './backend-auth.ts'
import { backendTls } from './backend-tls.ts'
import { grantedNamespace, objectName, port } from './common.ts'
import { requestHeaders, responseHeaders } from './header-changes.ts'
import { ruled } from './rule.ts'

const originForm = /^https?:\/\/[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[1-9][0-9]{0,4})?$/

/** Where a share of the requests of a rule goes. */
export const backendRef = ruled(
  z
    .strictObject({
      namespace: grantedNamespace,
      name: objectName('The name of a Service. With port, and not beside url.').optional(),
      port: port('The port of the Service.').optional(),
      url: z
        .string()
        .max(270)
        .regex(originForm)
        .optional()
        .describe(
          'A host outside the cluster, such as https://legacy.example or https://legacy.example:8443, without a path: outbound.allowedHosts of the Gatehouse must allow it to this namespace. It is verified as its entry there says. Not beside name.',
        ),
      weight: z
        .int()
        .min(0)
        .max(1000000)
        .default(1)
        .describe('The share of requests, relative to the sum of all weights of the rule. 0 = none.'),
      protocol: z
        .enum(['HTTP1', 'HTTP2', 'H2C'])
        .default('HTTP1')
        .describe(
          'HTTP1: HTTP/1.1. HTTP2: HTTP/2 over TLS, and nothing else. H2C: HTTP/2 without TLS, by prior knowledge.',
        ),
      tls: backendTls.optional(),
      auth: backendAuth.optional(),
      requestHeaders: requestHeaders.optional(),
      responseHeaders: responseHeaders.optional(),
    })
    .describe('A Service that requests go to, by its ready endpoints, or a host outside the cluster.'),
  {
    rule: 'has(self.name) != has(self.url)',
    message: 'exactly one of name and url is required',
    holds: (self) => (self.name === undefined) !== (self.url === undefined),
  },
  {
    rule: 'has(self.name) == has(self.port)',
    message: 'port is required with name, and only then',
    holds: (self) => (self.name === undefined) === (self.port === undefined),
  },
  {
    rule: '!has(self.url) || !has(self.__namespace__) && !has(self.tls)',
    message: 'namespace and tls are for Services: outbound.allowedHosts says how a url is verified',
    holds: (self) => self.url === undefined || (self.namespace === undefined && self.tls === undefined),
  },
  {
    rule: "self.protocol != 'HTTP2' || has(self.tls) || has(self.url) && self.url.startsWith('https:')",
    message: 'protocol HTTP2 needs tls or an https url; without TLS it is H2C',
    holds: ({ protocol, tls, url }) => protocol !== 'HTTP2' || tls !== undefined || url?.startsWith('https:') === true,
  },
  {
    rule: "self.protocol != 'H2C' || !has(self.tls) && !(has(self.url) && self.url.startsWith('https:'))",
    message: 'protocol H2C is without TLS; with it, it is HTTP2',
    holds: ({ protocol, tls, url }) => protocol !== 'H2C' || (tls === undefined && url?.startsWith('https:') !== true),
  },
)
