import { mutantsOf, type Mutant } from './mutant.ts'

/** Checks of what is unusual, each taken away. */
export const anomalyMutants: readonly Mutant[] = [
  ...mutantsOf('anomaly', 'gateway/admit.ts', [
    {
      check: 'what is unusual of a caller',
      find: 'const odd = unusual(request, plan.principalAnomalies, principal)',
      replace: 'const odd = null as Refusal | null',
      small: true,
    },
    {
      check: 'what is unusual of an address',
      find: 'const odd = unusual(request, plan.requestAnomalies, null)',
      replace: 'const odd = null as Refusal | null',
    },
  ]),
  ...mutantsOf('anomaly', 'gateway/stages.ts', [
    { check: 'what a spike may have', find: 'if (found.wait === 0) return null', replace: 'return null' },
  ]),
  ...mutantsOf('anomaly', 'policy/anomaly.ts', [
    {
      check: 'keys are told apart',
      find: 'check.table.note(keyOf(check.keys, subject, 0))',
      replace: "check.table.note('-')",
    },
  ]),
  ...mutantsOf('anomaly', 'state/anomaly/watched.ts', [
    { check: 'how long a key was watched', find: ' || now - this.#since < limits.baseline' },
    {
      check: 'what is usual',
      find: 'Math.max(limits.minRequests - 1, limits.ratio * this.#usual)',
      replace: 'limits.minRequests - 1',
    },
    { check: 'what came back since', find: 'spike.used += 1' },
  ]),
  ...mutantsOf('anomaly', 'gateway/compileAnomaly.ts', [
    {
      check: 'what is usual survives a change',
      find: 'JSON.stringify([purpose, policy, keys])',
      replace: 'JSON.stringify([purpose, policy, keys, throttle])',
    },
  ]),
]
