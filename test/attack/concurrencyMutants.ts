import { mutantsOf, type Mutant } from './mutant.ts'

/** How much runs at once. */
export const concurrencyMutants: readonly Mutant[] = [
  ...mutantsOf('concurrency', 'gateway/admit.ts', [
    {
      check: 'how many run at once',
      find: 'const crowded = occupied(request, plan, principal)',
      replace: 'occupied(request, plan, principal)\n  const crowded = null',
      small: true,
    },
  ]),
  ...mutantsOf('concurrency', 'policy/concurrency.ts', [
    { check: 'a part of the limit', find: '>= fleet.share(limit)', replace: '>= limit' },
    { check: 'takes its slot', find: 'holder.keep(checks[index]!.table.take(keys[index]!))', replace: 'void index' },
    {
      check: 'of each key',
      find: 'checks.map((check) => keyOf(check.keys, subject, 0))',
      replace: "checks.map(() => '')",
    },
  ]),
  ...mutantsOf('concurrency', 'http/servedRequest.ts', [
    {
      check: 'gives back what it took',
      find: '    for (const kept of this.#kept ?? []) kept.release()\n',
      small: true,
    },
  ]),
  ...mutantsOf('concurrency', 'state/slots.ts', [
    {
      check: 'keeps what runs of a policy that goes',
      find: 'return running ?? new Table',
      replace: 'return new Table',
    },
  ]),
]
