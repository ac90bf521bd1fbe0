import { z } from 'zod'
import { claimPath } from './claim-path.ts'
import { listMap } from './lists.ts'
import { ruled } from './rule.ts'

/** Parts that are told by their type alone. */
export const plainKeys = (description: string) =>
  listMap(
    z
      .strictObject({
        type: z
          .enum(['IP', 'Principal', 'APIKey', 'Tenant', 'Route'])
          .describe('IP is the address of the client, IPv6 by /64. Route splits the count by route.'),
      })
      .describe('A part of the key that requests are counted by.'),
    ['type'],
    { min: 1, max: 5 },
    description,
  )

/** Where credentials are that have no place of their own in a policy. */
const secret = ['authorization', 'cookie', 'proxy-authorization']

/** What a caller has one of, and does not choose. */
const stable = ['IP', 'Principal', 'APIKey', 'Tenant']

const key = ruled(
  z
    .strictObject({
      type: z
        .enum(['IP', 'Principal', 'APIKey', 'Tenant', 'Route', 'Header', 'Claim'])
        .describe(
          'IP is the address of the client, IPv6 by /64. Route splits the count by route. Header is what a client sent: of one caller at most 100 values are counted by themselves, all others together. Claim is a claim of the token.',
        ),
      name: z
        .string()
        .min(1)
        .max(64)
        .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
        .optional()
        .describe('With Header: its name in lower case. One that holds a credential of the rule counts as absent.'),
      path: claimPath(
        'With Claim: where it lies. What is no text, whole number or boolean counts as absent.',
      ).optional(),
    })
    .describe('A part of the key that requests are counted by.'),
  {
    rule: "has(self.name) == (self.type == 'Header')",
    message: 'name is required with type: Header, and only then',
    holds: (self) => (self.name !== undefined) === (self.type === 'Header'),
  },
  {
    rule: "has(self.path) == (self.type == 'Claim')",
    message: 'path is required with type: Claim, and only then',
    holds: (self) => (self.path !== undefined) === (self.type === 'Claim'),
  },
  {
    rule: `!has(self.name) || !(self.name in [${secret.map((name) => `'${name}'`).join(', ')}])`,
    message: 'requests are not counted by what they authenticate with; use Principal or APIKey',
    holds: (self) => self.name === undefined || !secret.includes(self.name),
  },
)

export const quotaKeys = ruled(
  listMap(
    key,
    ['type'],
    { min: 1, max: 7 },
    'What requests are counted by. Requests that lack a part share one count.',
  ),
  {
    rule: `!self.exists(k, k.type == 'Header') || self[0].type in [${stable.map((type) => `'${type}'`).join(', ')}]`,
    message: 'with Header the first key is IP, Principal, APIKey or Tenant: a client chooses what it sends',
    holds: (self) => !self.some(({ type }) => type === 'Header') || stable.includes(self[0]?.type ?? ''),
  },
)
