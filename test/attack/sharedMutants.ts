import { mutantsOf, type Mutant } from './mutant.ts'

/** What all data planes count together, and what becomes of it without the store. */
export const sharedMutants: readonly Mutant[] = [
  ...mutantsOf('sharedQuotas', 'gateway/counting.ts', [
    {
      check: 'what the store refuses',
      find: 'verdict.refusing === null ? verdict.states : exceeded(request, verdict.refusing, verdict.states, phase)',
      replace: 'verdict.states',
      small: true,
    },
    {
      check: 'what a data plane refuses',
      find: 'if (refusing !== null) return exceeded(request, refusing, states, phase)',
    },
    {
      check: 'what was taken is given back',
      find: "if ('outcome' in counted) giveUnitsBack",
      replace: 'void giveUnitsBack; void',
    },
    { check: 'what was taken is kept where it passes', find: "if ('outcome' in counted) give", replace: 'give' },
    {
      check: 'weights go no further',
      find: '[...local, ...shared.map(({ check }) => check)].flatMap',
      replace: '[...local].flatMap',
    },
  ]),
  ...mutantsOf('sharedQuotas', 'policy/sharedQuotas.ts', [
    { check: 'a rate that refuses', find: 'if (count.wait > longest) {', replace: 'if (count.wait > Infinity) {' },
    {
      check: 'what tells its cost later is never leased',
      find: 'sharePercent !== null && check.cost.weight === null',
      replace: 'sharePercent !== null',
    },
    { check: 'weights', find: 'cost: units, most: units', replace: 'cost: 0 * units, most: 0' },
    {
      check: 'whose count it is',
      find: 'meter: { key: keys.count(counter, value), meter',
      replace: "meter: { key: keys.count(counter, value && ''), meter",
    },
    {
      check: 'which counter it is',
      find: 'meter: { key: keys.count(counter, value), meter',
      replace: "meter: { key: keys.count(counter && '', value), meter",
    },
  ]),
  ...mutantsOf('sharedQuotas', 'policy/quotaKeys.ts', [
    { check: 'parts carry their length', find: '`${part.length}:${part}`', replace: 'part' },
  ]),
  ...mutantsOf('sharedQuotas', 'state/store/leases.ts', [
    { check: 'a lease has so many units', find: 'if (lease.left >= asked.cost && now', replace: 'if (now' },
    { check: 'what is given out is gone', find: '(held[index]!.left -= cost)', replace: 'void [cost, index]' },
    {
      check: 'what is given out beside a call is gone',
      find: 'spent[index] && (own[index]!.left -= cost)',
      replace: 'void [cost, index]',
    },
    {
      check: 'what another quota refuses is given back',
      find: 'spent[index] && (own[index]!.left += cost)',
      replace: 'void [cost, index]',
    },
    {
      check: 'and is not, where none does',
      find: "if (typeof phase === 'string' || !phase.passed)\n",
      replace: '\n',
    },
    { check: 'whoever asks takes its own part', find: 'Math.max(0, taken - asked.cost)', replace: 'taken' },
  ]),
  ...mutantsOf('sharedQuotas', 'state/store/sharedStore.ts', [
    { check: 'a token that was seen', find: "return 'seen'", replace: "return 'first'", small: true },
  ]),
  ...mutantsOf('storeFlood', 'state/store/connection.ts', [
    {
      check: 'how long an answer may be',
      find: "if (this.#replies.held > (this.#waiting[0]?.most ?? 0)) throw new StoreError('malformed')",
    },
    {
      check: 'an answer that nobody asked for',
      find: "if (first === undefined) throw new StoreError('malformed')",
      replace: 'if (first === undefined) return',
    },
  ]),
  ...mutantsOf('quotaStore', 'gateway/counting.ts', [
    {
      check: 'a store that nobody has named',
      find: 'if (store === null) {',
      replace: 'if (store === null) return nothingCounted\n  if (store === null) {',
    },
    {
      check: 'what nobody can count at present',
      find: "return refuse(request, 'quota-unavailable', phase.check, { retryAfter: soon })",
      replace: 'return nothingCounted',
      small: true,
    },
  ]),
  ...mutantsOf('quotaStore', 'policy/sharedQuotas.ts', [
    {
      check: 'quotas that let nobody pass without the store',
      find: 'if (denying !== undefined) return',
      replace: 'if (false) return',
    },
    {
      check: 'of those, the ones that are told their cost later',
      find: "onStoreFailure === 'Deny' && isCounted(check, costOf(check, subject))",
      replace: "onStoreFailure === 'Deny' && costOf(check, subject) > 0",
    },
    {
      check: 'what data planes count instead',
      find: "return { type: 'counted', ...takeUnits(local, subject, now) }",
      replace: "return { type: 'counted', refusing: null, states: [] }",
    },
    { check: 'each permits its part', find: '[quota.local()]', replace: '[quota.check]' },
  ]),
  ...mutantsOf('quotaStore', 'state/store/phase.ts', [
    {
      check: 'how long an answer is',
      find: ' || reply.length !== 1 + fieldsPerMeter * meters.length',
    },
    {
      check: 'whole numbers from nothing up',
      find: 'Number.isSafeInteger(value) && (value as number) >= 0',
      replace: "typeof value === 'number'",
    },
    { check: 'passed or not', find: ' || numbers[0]! > 1' },
    {
      check: 'what was taken and is left',
      find: 'counts.every((count, index) => mayBe(count, meters[index]!, passed)) &&',
      replace: 'typeof mayBe &&',
    },
  ]),
  ...mutantsOf('quotaStore', 'state/store/sharedStore.ts', [
    {
      check: 'an answer that cannot be read',
      find: "?? link.fail('malformed')\n  }",
      replace: '?? { passed: true, counts: meters.map(() => ({ taken: 0, wait: 0, remaining: 0, reset: 0 })) }\n  }',
    },
    {
      check: 'a mark that nobody has made',
      find: "if (!reply.ok) return 'unknown'",
      replace: "if (!reply.ok) return 'first'",
    },
    {
      check: 'a mark that cannot be read',
      find: "link.fail('malformed')\n      return 'unknown'",
      replace: "return 'first'",
    },
  ]),
  ...mutantsOf('quotaStore', 'state/store/leases.ts', [
    {
      check: 'a lease ends',
      find: 'lease.left >= asked.cost && now < lease.until',
      replace: 'lease.left >= asked.cost',
    },
  ]),
  {
    check: 'who passes does not wait',
    attack: 'quotaStore',
    edits: [
      { file: 'state/store/phase.ts', find: ' && wait === 0 :', replace: ' :' },
      {
        file: 'state/store/phase.ts',
        find: 'passed !== counts.some(({ wait }) => wait > 0)',
        replace: 'typeof passed',
      },
    ],
  },
]
