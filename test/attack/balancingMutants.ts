import { mutantsOf, type Mutant } from './mutant.ts'

/** Where probes go, and how many. */
export const balancingMutants: readonly Mutant[] = [
  ...mutantsOf('balancing', 'state/pools.ts', [
    {
      check: 'where endpoints may lie, for requests and probes',
      find: 'addresses.filter(({ address }) => this.#permits(address, spec, gateway))',
      replace: 'addresses',
    },
  ]),
  ...mutantsOf('balancing', 'state/health/pace.ts', [
    {
      check: 'how often a namespace may probe',
      find: 'wanted / mostProbes.namespace',
      replace: '1',
      small: true,
    },
  ]),
]
