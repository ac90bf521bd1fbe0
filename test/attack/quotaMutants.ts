import { mutantsOf, type Mutant } from './mutant.ts'

/** How much, of what, and for whom. */
export const quotaMutants: readonly Mutant[] = [
  ...mutantsOf('quota', 'policy/quotas.ts', [
    {
      check: 'the quota',
      find: 'if (refusing >= 0)\n',
      replace: 'if (refusing === Infinity)\n',
      small: true,
    },
    {
      check: 'what answers weigh is asked for beforehand',
      find: '!isCounted(check, cost)',
      replace: 'cost === 0',
    },
    {
      check: 'all are charged',
      find: 'charge(meter, table.cells, asked.places[index]!, asked.costs[index]!)',
      replace: 'void charge',
    },
    {
      check: 'a plan that is not known has the rates of all',
      find: 'plans.get(plan)) ?? rates',
      replace: 'plans.get(plan)) ?? []',
    },
    {
      check: 'what a method costs',
      find: 'cost.byMethod === null ? cost.default : (cost.byMethod.get(method) ?? cost.default)',
      replace: '1 || (cost && method)',
    },
  ]),
  ...mutantsOf('quota', 'policy/quotaKeys.ts', [
    {
      check: 'who lacks a part shares one count',
      find: 'part === null) return lacking',
      replace: 'part === null) return String(Math.random())',
    },
    {
      check: 'a header has so many counts and no more',
      find: 'values.counts(stable, value, now) ?',
      replace: 'values.counts(stable, value, now) || value !== "" ?',
    },
    {
      check: 'a plan belongs to a principal',
      find: 'plans.length > 0 ||',
    },
    { check: 'which principal', find: 'return principal?.id ?? null', replace: 'return principal?.subject ?? null' },
  ]),
  ...mutantsOf('quota', 'address.ts', [
    {
      check: 'IPv4 in IPv6 form',
      find: 'bytes !== null && isMapped(bytes) ? bytes.slice(12) : bytes',
      replace: 'bytes',
    },
    { check: 'networks of IPv6', find: "if (!canonical.includes(':')) return canonical", replace: 'return canonical' },
  ]),
  ...mutantsOf('quota', 'gateway/admit.ts', [
    {
      check: 'request quotas',
      find: 'count(request, plan.requestQuotas, null, ',
      replace: 'count(request, { local: [], shared: [] }, null, ',
    },
    {
      check: 'principal quotas',
      find: 'count(request, plan.principalQuotas, principal, ',
      replace: 'count(request, { local: [], shared: [] }, principal, ',
    },
  ]),
  ...mutantsOf('quota', 'gateway/rulePlan.ts', [
    { check: 'a broken quota', find: 'if (faulty !== undefined) return configInvalid(faulty.name)' },
  ]),
  ...mutantsOf('quota', 'gateway/compileQuota.ts', [
    {
      check: 'a plan counts each principal for itself',
      find: "plans.length === 0 || keys.some(({ type }) => type === 'Principal') ? keys : [...keys, { type: 'Principal' }]",
      replace: 'plans.length === 0 ? keys : keys',
    },
  ]),
  ...mutantsOf('quota', 'gateway/compilePolicy.ts', [
    {
      check: 'nothing is counted by a credential',
      find: 'keys.header !== null && credentials.includes(keys.header.name) ? null : keys.header',
      replace: 'credentials.length < 0 ? null : keys.header',
    },
  ]),
  ...mutantsOf('quota', 'gateway/actionPlan.ts', [
    {
      check: 'weights go no further',
      find: 'responseHeaders, weighing]',
      replace: 'responseHeaders, weighing && null]',
    },
  ]),
  ...mutantsOf('quota', 'forward/exchange.ts', [
    {
      check: 'answers weigh',
      find: 'weights?.charge(this.#upstream.owner, headers)\n    const out',
      replace: 'const out',
    },
  ]),
  ...mutantsOf('quota', 'policy/weights.ts', [
    { check: 'a weight that cannot be read is the most', find: 'max) : max', replace: 'max) : 0' },
    { check: 'a weight has a bound', find: 'Math.min(Number(value), max)', replace: 'Number(value)' },
  ]),
]
