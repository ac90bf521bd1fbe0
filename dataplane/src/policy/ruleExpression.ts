import { isFault, type CelCondition } from '@gatehouse/language/cel'
import { policyExpression } from '@gatehouse/language/requestFacts'
import type { PathTemplate } from '@gatehouse/language/template'
import type { HeaderRules } from '../forward/headerRules.ts'
import type { Caller } from './conditions.ts'
import { contextOf, expressionFacts, type ExpressionRequest } from './expressionFacts.ts'
import { pathMatches, type PathTest } from './paths.ts'

/** The expression of a rule, made ready. */
export interface RuleExpression {
  readonly condition: CelCondition
  readonly headerRules: HeaderRules
  /** Of the rule: they name elements of the path. */
  readonly paths: readonly PathTest[] | null
}

/** @returns null when it is none */
export function ruleExpression(
  source: string,
  paths: readonly PathTest[] | null,
  headerRules: HeaderRules,
): RuleExpression | null {
  const condition = policyExpression(source)
  return isFault(condition) ? null : { condition, headerRules, paths }
}

/** A request in all ways in which it can be read. */
export interface Readings extends ExpressionRequest {
  readonly method: string
  readonly path: string
  /** `otherReadings` of the path. */
  readonly otherPaths: readonly string[]
}

/**
 * Whether an expression holds, however the request is read: a backend may read the path more loosely, and answers HEAD as
 * it does GET. What refuses holds where one reading does, all else where all do, so that neither can be evaded by
 * writing the same request in another way.
 *
 * @param refuses - of a Deny; then an expression that fails holds, and elsewhere it does not (M4)
 */
export function expressionHolds(
  { condition, headerRules, paths }: RuleExpression,
  request: Readings,
  caller: Caller,
  refuses: boolean,
): boolean {
  const { uses } = condition
  const { method, path, otherPaths } = request
  const { budget } = contextOf(request)
  const byPath = otherPaths.length > 0 && (uses.has('request.path') || uses.has('request.pathParams'))
  const byMethod = method === 'HEAD' && uses.has('request.method')
  for (const onePath of byPath ? [path, ...otherPaths] : [path]) {
    const template = paths === null ? null : templateFor(paths, onePath)
    for (const oneMethod of byMethod ? [method, 'GET'] : [method]) {
      const reading = { method: oneMethod, path: onePath, template, caller, headerRules }
      const holds = condition.evaluate(expressionFacts(request, reading), budget) ?? refuses
      if (holds === refuses) return refuses
    }
  }
  return !refuses
}

function templateFor(paths: readonly PathTest[], path: string): PathTemplate | null {
  for (const test of paths) if (pathMatches(test, path)) return test.template
  return null
}
