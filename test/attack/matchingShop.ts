import type { ResourceSpec } from '@gatehouse/contract'

type Match = ResourceSpec<'route'>['rules'][number]['matches'][number]
type Value = Match['headers'][number]

const under = (value: string, over: Partial<Match> = {}): Match[] => [
  { path: { type: 'PathPrefix', value }, methods: null, headers: [], queryParams: [], ...over },
]

const admin: Value = { name: 'admin', type: 'Exact', value: '1' }
const mended: Value = { name: 'user_is_admin', type: 'Exact', value: '1' }
const role: Value = { name: 'x-role', type: 'RegularExpression', value: 'admin|root' }
const costly: Value = { name: 'x-text', type: 'RegularExpression', value: '(a|b)*a(a|b){200}' }
const senseless: Value = { name: 'x-text', type: 'RegularExpression', value: '(' }

/** Below each path a guarded rule for some requests and an open one for the rest: policy and matches by name of the rule. */
export const matchingRules: Readonly<
  Record<string, { readonly policy: 'open' | 'orders'; readonly matches: Match[] }>
> = {
  'by-query': { policy: 'orders', matches: under('/by-query', { queryParams: [admin] }) },
  'by-query-else': { policy: 'open', matches: under('/by-query') },
  'by-mended': { policy: 'orders', matches: under('/by-mended', { queryParams: [mended] }) },
  'by-mended-else': { policy: 'open', matches: under('/by-mended') },
  'by-header': { policy: 'orders', matches: under('/by-header', { headers: [role] }) },
  'by-header-else': { policy: 'open', matches: under('/by-header') },
  'by-cost': { policy: 'orders', matches: under('/by-cost', { headers: [costly] }) },
  'by-cost-else': { policy: 'open', matches: under('/by-cost') },
  'by-nonsense': { policy: 'orders', matches: under('/by-nonsense', { headers: [senseless] }) },
  'by-nonsense-else': { policy: 'open', matches: under('/by-nonsense') },
}
