import { judged, type Attempt, type Probe } from './attempt.ts'
import { policy, route } from './objects.ts'

/**
 * A route with a policy of the same name, and what the controller says of the policy.
 *
 * @param verdict - `name Type=Status/Reason`
 */
export function guarded(problem: string, verdict: string, spec: object, ...probes: readonly Probe[]): Attempt {
  const name = verdict.slice(0, verdict.indexOf(' '))
  return judged(problem, `accesspolicy/${verdict}`, [route(name), policy(name, spec)], ...probes)
}
