import type { ParameterValues } from '@gatehouse/language/parameters'
import type { PathTemplate } from '@gatehouse/language/template'
import { headFault, type PlacedValidation } from '../policy/validation.ts'
import type { AdmissionTable } from './admissionTable.ts'
import { canonicalPath } from './path.ts'
import { decidedBy, refuse, type Case } from './refusing.ts'
import type { Refusal } from './refusal.ts'
import type { EnforcedPlan } from './rulePlan.ts'

/** Steps for all parameters of a request, about two milliseconds: what does not come to an end by then is refused. */
const steps = 200_000

const noParams: ParameterValues = new Map()

/** What a path says of the parameters of its template, decoded once; null for bytes that are no UTF-8. */
function parametersOf({ names }: PathTemplate, path: string): ParameterValues | null {
  const elements = path.slice(1).split('/')
  try {
    return new Map([...names].map(([name, index]) => [name, [decodeURIComponent(elements[index]!)]]))
  } catch {
    return null
  }
}

/** The stage after authorization (M8): everything about the form of a request that can be told before its body is read. */
export function unfit(request: Case, plan: EnforcedPlan, { maxBodySize, clock }: AdmissionTable): Refusal | null {
  const { facts, judgement, template } = request
  const length = facts.headers.get('content-length')
  if (length !== undefined && Number(length[0]) > Math.min(maxBodySize, plan.maxBodySize)) {
    const by = plan.maxBodySize <= maxBodySize ? narrowestIn(plan.validation) : null
    decidedBy(judgement, { policy: by?.policy ?? null, item: 'maxBodySize', level: by?.level ?? null })
    return refuse(request, 'body-too-large', 'validation')
  }
  if (plan.validation.length === 0) return null
  const fault = headFault(plan.validation, facts, {
    canonical: canonicalPath,
    effort: { steps, now: () => clock.monotonic() },
    pathParams: template === null ? noParams : parametersOf(template, facts.path),
  })
  if (fault === null) return null
  const { code, by, field, findings } = fault
  decidedBy(judgement, { policy: by.policy, item: field, level: by.level })
  return refuse(request, code, code === 'config-invalid' ? 'config' : 'validation', { findings })
}

const boundOf = ({ spec }: PlacedValidation): number => spec.maxBodySize ?? Infinity

/** The smallest size that any of them asks for; Infinity = none. */
export const sizeBound = (checks: readonly PlacedValidation[]): number => Math.min(Infinity, ...checks.map(boundOf))

const narrowestIn = (checks: readonly PlacedValidation[]): PlacedValidation | null =>
  checks.find((one) => boundOf(one) === sizeBound(checks)) ?? null
