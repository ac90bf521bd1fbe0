import type { AuthorizationRule } from '@gatehouse/contract'
import { parseRange, type AddressRange } from '../address.ts'
import { readyConditions, type ReadyCondition } from './conditions.ts'
import { looseReading, pathTest, type PathTest } from './paths.ts'

/** What takes a request out of a Deny, made ready; null = not looked at. */
export interface Exception {
  readonly ranges: readonly AddressRange[] | null
  readonly principal: readonly ReadyCondition[] | null
}

/** A rule of a policy, made ready; the same wherever the policy applies. */
export interface ReadyRule {
  readonly action: AuthorizationRule['action']
  readonly name: string
  readonly methods: readonly string[] | null
  readonly paths: readonly PathTest[] | null
  readonly principal: readonly ReadyCondition[]
  readonly unless: Exception | null
  /** Also when a part of it cannot be made ready (M7). */
  readonly broken: boolean
}

/** Made once for each version of a policy, never for a request. */
export function readyRule(rule: AuthorizationRule): ReadyRule {
  const { action, name, methods, paths, principal } = rule
  const unless = rule.unless === null ? null : exception(rule.unless)
  const ready = paths === null ? null : paths.flatMap((path) => tests(action, path))
  return {
    action,
    name,
    methods,
    paths: ready,
    principal: readyConditions(principal),
    unless: unless === 'broken' ? null : unless,
    broken:
      rule.broken ||
      unless === 'broken' ||
      ready?.some(({ template }) => template?.sound === false) === true ||
      rule.expression !== null ||
      rule.unless?.expression != null,
  }
}

function exception({ sourceCIDRs, principal }: NonNullable<AuthorizationRule['unless']>): Exception | 'broken' {
  const ranges = sourceCIDRs === null ? null : readRanges(sourceCIDRs)
  if (ranges === null && sourceCIDRs !== null) return 'broken'
  return { ranges, principal: principal === null ? null : readyConditions(principal) }
}

/** @returns null when one of them cannot be read */
export function readRanges(texts: readonly string[]): readonly AddressRange[] | null {
  const ranges: AddressRange[] = []
  for (const text of texts) {
    const range = parseRange(text)
    if (range === null) return null
    ranges.push(range)
  }
  return ranges
}

/** What is refused is refused however a backend may write the same path; what is permitted is permitted as written. */
function tests(action: AuthorizationRule['action'], path: Parameters<typeof pathTest>[0]): PathTest[] {
  const loose = looseReading(path.value)
  if (action === 'Allow' || loose === path.value) return [pathTest(path)]
  return [pathTest(path), pathTest({ type: path.type, value: loose })]
}
