import { judged, type Attempt, type Probe } from './attempt.ts'
import { policy, route } from './objects.ts'

/** A route with a policy of the same name, and what the controller says of the policy. */
export const guarded = (
  name: string,
  problem: string,
  verdict: string,
  spec: object,
  ...probes: readonly Probe[]
): Attempt => judged(problem, `accesspolicy/${name} ${verdict}`, [route(name), policy(name, spec)], ...probes)
