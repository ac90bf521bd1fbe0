import { ruleCases, structureCases, type Case } from './case.ts'
import { burst, limited, rate, targetRefs } from './policy-parts.ts'

const calendar = { limit: 1000000, period: 'Month', timeZone: 'Europe/Berlin' }
const windowed = { algorithm: 'SlidingWindow', rates: [rate] }
const bursting = [{ ...rate, burst: 50 }]
/** Counts by a calendar in place of rates. */
const monthly = (more: object = {}) => limited({ algorithm: undefined, rates: undefined, calendar, ...more })
const keyed = (...keys: readonly object[]) => limited({ keys })
const header = { type: 'Header', name: 'x-device' }
const claim = { type: 'Claim', path: ['org', 'id'] }
const leased = { type: 'Leased', sharePercent: 10 }
const weighed = { responseHeader: { name: 'x-cost', max: 100 } }
const gold = { name: 'gold', rates: [rate] }

/** Everything that quotas can say. */
export const fullQuotas = [
  {
    ...burst,
    keys: [{ type: 'Principal' }, header, claim],
    rates: bursting,
    plans: [{ ...gold, rates: bursting }],
    cost: { default: 1, byMethod: [{ methods: ['POST'], cost: 5 }], responseHeader: { name: 'x-cost', max: 100 } },
    mode: 'Enforce',
  },
  {
    name: 'contract',
    keys: [{ type: 'Tenant' }],
    calendar,
    scope: 'Shared',
    precision: leased,
    onStoreFailure: 'LocalFallback',
  },
]

const keyRules: readonly Case[] = [
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.quotas[].keys[]', message: 'name is required with type: Header, and only then' },
    {
      accepted: { 'a header after an address': keyed({ type: 'IP' }, header) },
      refused: {
        'a header without name': keyed({ type: 'IP' }, { type: 'Header' }),
        'an address with name': keyed({ type: 'IP', name: 'x' }),
      },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.quotas[].keys[]', message: 'path is required with type: Claim, and only then' },
    {
      accepted: { 'counting by a claim': keyed(claim) },
      refused: {
        'counting by a claim without path': keyed({ type: 'Claim' }),
        'a tenant with path': keyed({ type: 'Tenant', path: ['tid'] }),
      },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    {
      at: 'spec.quotas[].keys[]',
      message: 'requests are not counted by what they authenticate with; use Principal or APIKey',
    },
    {
      accepted: { 'a header that is like one': keyed({ type: 'IP' }, { ...header, name: 'x-cookie' }) },
      refused: {
        'the cookies': keyed({ type: 'IP' }, { ...header, name: 'cookie' }),
        'the authorization': keyed({ type: 'IP' }, { ...header, name: 'authorization' }),
      },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    {
      at: 'spec.quotas[].keys',
      message: 'with Header the first key is IP, Principal, APIKey or Tenant: a client chooses what it sends',
    },
    {
      accepted: { 'a header after a principal': keyed({ type: 'Principal' }, { type: 'Route' }, header) },
      refused: {
        'a header alone': keyed(header),
        'a header after a route': keyed({ type: 'Route' }, header),
        'a header before an address': keyed(header, { type: 'IP' }),
      },
    },
  ),
]

const quotaRules: readonly Case[] = [
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.quotas[]', message: 'a quota needs exactly one of rates and calendar' },
    {
      accepted: { 'a calendar': monthly() },
      refused: {
        'neither rates nor calendar': limited({ algorithm: undefined, rates: undefined }),
        'an algorithm of nothing': limited({ rates: undefined }),
      },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.quotas[]', message: 'rates need an algorithm' },
    {
      accepted: { 'a sliding window': limited(windowed), 'a fixed window': limited({ algorithm: 'FixedWindow' }) },
      refused: { 'a quota without algorithm': limited({ algorithm: undefined }) },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.quotas[]', message: 'algorithm and plans belong to rates' },
    {
      accepted: { 'rates with plans': limited({ plans: [gold] }) },
      refused: {
        'a calendar with an algorithm': monthly({ algorithm: 'FixedWindow' }),
        'a calendar with plans': monthly({ plans: [gold] }),
      },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.quotas[]', message: 'burst belongs to TokenBucket' },
    {
      accepted: {
        'a bucket with a burst': limited({ rates: bursting }),
        'a plan with a burst': limited({ plans: [{ ...gold, rates: bursting }] }),
      },
      refused: {
        'a sliding window with a burst': limited({ ...windowed, rates: bursting }),
        'a plan of a sliding window with a burst': limited({ ...windowed, plans: [{ ...gold, rates: bursting }] }),
      },
    },
  ),
]

const shared = (more: object = {}) => limited({ scope: 'Shared', onStoreFailure: 'Deny', ...more })

const sharingRules: readonly Case[] = [
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.quotas[]', message: 'onStoreFailure is required with scope: Shared, and only then' },
    {
      accepted: {
        'a shared quota': shared(),
        'a shared calendar': monthly({ scope: 'Shared', onStoreFailure: 'Allow' }),
      },
      refused: {
        'a shared quota that says nothing of failures': limited({ scope: 'Shared' }),
        'failures of no store': limited({ onStoreFailure: 'LocalFallback' }),
      },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.quotas[]', message: 'precision belongs to scope: Shared' },
    {
      accepted: { 'a shared quota that is exact': shared({ precision: { type: 'Exact' } }) },
      refused: { 'a precision of nothing': limited({ precision: { type: 'Exact' } }) },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    {
      at: 'spec.quotas[]',
      message: 'cost.responseHeader is seen in the store alone, so such a quota cannot be Leased',
    },
    {
      accepted: {
        'an exact quota whose answers say what they cost': shared({ precision: { type: 'Exact' }, cost: weighed }),
        'a leased quota that costs by method': shared({ precision: leased, cost: { default: 2 } }),
      },
      refused: { 'a leased quota whose answers say what they cost': shared({ precision: leased, cost: weighed }) },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    { at: 'spec.quotas[].precision', message: 'sharePercent is required with type: Leased, and only then' },
    {
      accepted: { 'a leased quota': shared({ precision: leased }) },
      refused: {
        'a leased quota without share': shared({ precision: { type: 'Leased' } }),
        'an exact quota with a share': shared({ precision: { type: 'Exact', sharePercent: 10 } }),
      },
    },
  ),
]

export const quotaCases: readonly Case[] = [
  ...keyRules,
  ...sharingRules,
  ...quotaRules,
  ...structureCases('AccessPolicy', {
    accepted: {
      'a quota that is tried': limited({ mode: 'Shadow' }),
      'two rates': limited({ rates: [rate, { limit: 2000, window: '1m', burst: 5000 }] }),
      'a calendar of UTC': monthly({ calendar: { limit: 1, period: 'Day' } }),
      'costs by method': limited({ cost: { default: 2, byMethod: [{ methods: ['POST'], cost: 5 }] } }),
      'a method that costs nothing': limited({ cost: { byMethod: [{ methods: ['OPTIONS'], cost: 0 }] } }),
    },
    refused: {
      'a quota of an unknown mode': limited({ mode: 'Audit' }),
      'a quota of an unknown algorithm': limited({ algorithm: 'LeakyBucket' }),
      'a quota without scope': limited({ scope: undefined }),
      'a shared quota with a fallback that is none': shared({ onStoreFailure: 'Ignore' }),
      'a lease of everything': shared({ precision: { type: 'Leased', sharePercent: 100 } }),
      'a share without type': shared({ precision: { sharePercent: 10 } }),
      'a misspelt share': shared({ precision: { type: 'Leased', share: 10 } }),
      'a quota without keys': limited({ keys: [] }),
      'a key twice': keyed({ type: 'IP' }, { type: 'IP' }),
      'two headers': keyed({ type: 'IP' }, header, { ...header, name: 'x-other' }),
      'a header in upper case': keyed({ type: 'IP' }, { ...header, name: 'X-Device' }),
      'no rates': limited({ rates: [] }),
      'five rates': limited({ rates: Array.from({ length: 5 }, () => rate) }),
      'a limit of nothing': limited({ rates: [{ ...rate, limit: 0 }] }),
      'a window of nothing': limited({ rates: [{ ...rate, window: '0s' }] }),
      'a period of a week': monthly({ calendar: { ...calendar, period: 'Week' } }),
      'a calendar without period': monthly({ calendar: { limit: 1 } }),
      'a misspelt time zone': monthly({ calendar: { ...calendar, timezone: 'UTC' } }),
      'a time zone with a space': monthly({ calendar: { ...calendar, timeZone: 'Europe / Berlin' } }),
      'a plan twice': limited({ plans: [gold, gold] }),
      'a plan without rates': limited({ plans: [{ name: 'gold' }] }),
      'a misspelt plan': limited({ plan: [gold] }),
      'a cost below nothing': limited({ cost: { default: -1 } }),
      'a cost of a fraction': limited({ cost: { default: 0.5 } }),
      'a misspelt cost': limited({ cost: { bymethod: [{ methods: ['POST'], cost: 5 }] } }),
      'a weight without bound': limited({ cost: { responseHeader: { name: 'x-cost' } } }),
      'a weight of nothing': limited({ cost: { responseHeader: { name: 'x-cost', max: 0 } } }),
      'a misspelt weight': limited({ cost: { responseheader: { name: 'x-cost', max: 1 } } }),
      'a cost of no method': limited({ cost: { byMethod: [{ methods: [], cost: 5 }] } }),
      'two quotas of one name': { targetRefs, quotas: [burst, burst] },
    },
  }),
]
